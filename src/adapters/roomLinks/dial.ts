import { WebSocket } from 'ws';
import { createHandshake, isSame, nodePath, nodeProtocol } from './handshake.ts';

const withinMs = 3_000;
const mostInOneMessage = 32 * 1024 * 1024;

/**
 * Opens the link to another node: asks for a challenge, answers it, checks the proof.
 * @param nodeUrl http(s), where that node listens
 * @throws Error when it cannot be reached, refuses, or does not know the secret
 */
export async function dial(nodeUrl: string, secret: string): Promise<WebSocket> {
  const url = `${nodeUrl.replace(/^http/, 'ws').replace(/\/$/, '')}${nodePath}`;
  const handshake = createHandshake(secret);
  const { header, expects } = handshake.answer(await challengeOf(url));
  return new Promise((resolve, reject) => {
    const socket = open(url, { 'lectern-answer': header });
    let proof = '';
    socket.once('upgrade', (response) => { proof = String(response.headers['lectern-proof'] ?? ''); });
    socket.once('unexpected-response', (request, response) => {
      request.destroy();
      reject(new Error(`the node at ${nodeUrl} refused the link with ${response.statusCode}`));
    });
    socket.once('error', reject);
    socket.once('open', () => {
      if (isSame(proof, expects)) return resolve(socket);
      socket.terminate();
      reject(new Error(`the node at ${nodeUrl} does not know this school's node secret`));
    });
  });
}

const open = (url: string, headers: Record<string, string>): WebSocket =>
  new WebSocket(url, nodeProtocol, { headers, perMessageDeflate: false, handshakeTimeout: withinMs, maxPayload: mostInOneMessage, followRedirects: false });

const challengeOf = (url: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = open(url, {});
    socket.once('unexpected-response', (request, response) => {
      request.destroy();
      const challenge = response.headers['lectern-challenge'];
      if (typeof challenge === 'string' && challenge.length <= 100) resolve(challenge);
      else reject(new Error(`${url} gave no challenge but ${response.statusCode}`));
    });
    socket.once('error', reject);
    socket.once('open', () => {
      socket.terminate();
      reject(new Error(`${url} asked for no secret`));
    });
  });
