import { readMessage } from '../../../src/http/ws/readMessage.ts';

const hello = (clientId: string) => readMessage('board', Buffer.from(JSON.stringify({ t: 'hello', d: { clientId, lastVersion: 0, ackedSeq: 0 } })));

describe('the name of a tab', () => {
  it.each(['tab-1', 'restored', 'importer', 'owners', 'x'.repeat(64)])('%s is taken', (clientId) => {
    expect(hello(clientId)).toMatchObject({ kind: 'message', message: { t: 'hello', d: { clientId } } });
  });

  it.each(['restore-0b8f4a6e-6a0c-5f0e-8d0a-2a7d0a1c9b11', 'import', 'owner', '', 'a b'])('"%s" is not: under those the owner of a room writes, or nobody', (clientId) => {
    expect(hello(clientId)).toMatchObject({ kind: 'bad' });
  });
});
