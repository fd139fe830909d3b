import sparticuz from '@sparticuz/chromium';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { eventually } from '../../support/eventually.ts';

/**
 * A headless Chromium from npm, with everything it needs beside it. Camera and microphone are the browser's own test pictures; loopback is a way
 * to a peer, where there may be no other network. No --disable-features here: it would take the place of Playwright's own.
 */
export async function startBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: await sparticuz.executablePath(), headless: true,
    args: ['--no-sandbox', '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream', '--allow-loopback-in-peer-connection'],
  });
}

export type Visitor = { page: Page; /** What the page complained of: refused by the policy, thrown, not found. */ complaints: string[]; close(): Promise<void> };

/** So that a test can look at the connections that the page makes, what came of its asking for camera and microphone, and what went over the call's socket. */
const watching = `(() => {
  const since = () => Math.round(performance.now());
  const Made = RTCPeerConnection;
  window.connections = [];
  window.RTCPeerConnection = class extends Made { constructor(...given) { super(...given); window.connections.push(this); } };
  window.media = [];
  const devices = navigator.mediaDevices;
  const take = devices?.getUserMedia.bind(devices);
  if (take) devices.getUserMedia = async (what) => {
    const asked = since();
    const note = (came) => window.media.push(Object.keys(what).filter((kind) => what[kind]).join('+') + ' at ' + asked + ', at ' + since() + ': ' + came);
    try {
      const stream = await take(what);
      note(stream.getTracks().map(({ kind }) => kind).join('+'));
      return stream;
    } catch (error) {
      note(String(error));
      throw error;
    }
  };
  window.signals = [];
  const Socket = WebSocket;
  window.WebSocket = class extends Socket {
    constructor(...given) {
      super(...given);
      this.isOfCall = String(given[0]).includes('/webrtc?');
      if (!this.isOfCall) return;
      this.note('made');
      this.addEventListener('open', () => this.note('open'));
      this.addEventListener('message', ({ data }) => this.note('< ' + this.kindOf(data)));
      this.addEventListener('close', ({ code }) => this.note('closed ' + code));
    }
    note(what) { if (window.signals.length < 200) window.signals.push(since() + ' ' + what); }
    kindOf(data) { const { t, d } = JSON.parse(data); return t === 'peers' ? 'peers ' + d.peers.length + (d.publisher ? ', sends' : '') : t === 'error' ? 'error ' + d.code : t === 'leave' ? 'leave ' + d?.reason : t; }
    send(data) {
      if (this.isOfCall) this.note('> ' + this.kindOf(data));
      super.send(data);
    }
  };
})()`;

/** Somebody with a browser of their own, at an address. */
export async function visit(browser: Browser, address: string, options: BrowserContextOptions = {}): Promise<Visitor> {
  const context = await browser.newContext({ permissions: ['camera', 'microphone'], viewport: { width: 1_000, height: 700 }, ...options });
  context.setDefaultTimeout(10_000); // less than a test has: what was waited for is then named
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => { if (message.type() === 'error') complaints.push(message.text()); });
  await page.addInitScript(watching);
  await page.goto(address);
  return { page, complaints, close: () => context.close() };
}

/** Draws along these points of the window. */
export async function drag(page: Page, points: readonly (readonly [number, number])[]): Promise<void> {
  const [first = [0, 0], ...rest] = points;
  await page.mouse.move(first[0], first[1]);
  await page.mouse.down();
  for (const [x, y] of rest) await page.mouse.move(x, y, { steps: 5 });
  await page.mouse.up();
}

/** The colour of the board at a point of the window, as #rrggbb. */
export const pixel = (page: Page, x: number, y: number): Promise<string> =>
  page.evaluate(`(() => { const canvas = document.querySelector('canvas.still'); const scale = canvas.width / canvas.clientWidth; const [r, g, b] = canvas.getContext('2d').getImageData(${x} * scale, ${y} * scale, 1, 1).data; return '#' + [r, g, b].map((part) => part.toString(16).padStart(2, '0')).join(''); })()`);

export type CallFacts = { nominated: number; framesDecoded: number; states: string[]; /** What of the call can be seen from outside, for whoever has to find out why there is none. */ seen: unknown };

/** Of all connections that the page has made. */
export const callFacts = (page: Page): Promise<CallFacts> =>
  page.evaluate(`(async () => {
    const facts = { nominated: 0, framesDecoded: 0, states: [], seen: { connections: [], notices: [...document.querySelectorAll('.notice')].map((one) => one.textContent), media: window.media, signals: window.signals } };
    for (const connection of window.connections) {
      facts.states.push(connection.connectionState);
      const seen = { connection: connection.connectionState, ice: connection.iceConnectionState, signalling: connection.signalingState, gathering: connection.iceGatheringState, sends: connection.getSenders().map(({ track }) => track && [track.kind, track.readyState, track.enabled].join(' ')), candidates: { local: 0, remote: 0 }, pairs: [], video: {} };
      facts.seen.connections.push(seen);
      for (const one of (await connection.getStats()).values()) {
        if (one.type === 'candidate-pair' && one.nominated && one.state === 'succeeded') facts.nominated++;
        if (one.type === 'candidate-pair') seen.pairs.push(one.state);
        if (one.type === 'local-candidate') seen.candidates.local++;
        if (one.type === 'remote-candidate') seen.candidates.remote++;
        if (one.type === 'media-source' && one.kind === 'video') seen.video.taken = one.frames;
        if (one.type === 'outbound-rtp' && one.kind === 'video') seen.video.encoded = one.framesEncoded;
        if (one.type === 'inbound-rtp' && one.kind === 'video') {
          seen.video.decoded = one.framesDecoded;
          facts.framesDecoded += one.framesDecoded ?? 0;
        }
      }
    }
    return facts;
  })()`);

/** Both ends are connected, and each sees the other's picture move. What was seen instead is in the error. */
export async function callIsUp(visitors: readonly Visitor[], timeoutMs: number): Promise<void> {
  await eventually(async () => {
    const all = await Promise.all(visitors.map(({ page }) => callFacts(page)));
    if (all.every(({ nominated, framesDecoded }) => nominated > 0 && framesDecoded > 5)) return true;
    throw new Error(`the call is not up: ${JSON.stringify(all.map((facts, i) => ({ ...facts, complaints: visitors[i]?.complaints })))}`);
  }, { timeoutMs, everyMs: 100 });
}
