import { createEmitter } from '../../client/emitter.ts';
import type { OpenRoom } from '../../client/index.ts';
import { capture } from '../../web/src/panels/capture.ts';
import { createRights } from '../../web/src/rights.ts';

type Wanted = Parameters<Parameters<typeof capture>[1]>[0];
const named = (name: string): Error => Object.assign(new Error(name), { name });

/** A browser that answers what it is asked for by these, one after the other; the last stays. */
function browser(...answers: (string | Error)[]) {
  const asked: string[] = [];
  const waited: number[] = [];
  const take = async (what: Wanted): Promise<string> => {
    asked.push([what.video && 'camera', what.audio && 'microphone'].filter(Boolean).join('+'));
    const answer = answers.length > 1 ? answers.shift()! : answers[0]!;
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { asked, waited, of: (wanted: Wanted) => capture(wanted, take, async (ms) => void waited.push(ms)) };
}
const both = { video: {}, audio: {} };

describe('camera and microphone', () => {
  it.each(['AbortError', 'NotReadableError'])('are asked for again after %s: a camera that starts slowly is there the next time', async (name) => {
    const { of, asked, waited } = browser(named(name), 'a stream');
    expect(await of(both)).toEqual({ stream: 'a stream', lacks: [] });
    expect(asked).toEqual(['camera+microphone', 'camera+microphone']);
    expect(waited).toEqual([500]);
  });

  it('are taken one without the other where there is but one, and it is said which is lacking', async () => {
    const noCamera = browser(named('NotFoundError'), 'a voice');
    expect(await noCamera.of(both)).toEqual({ stream: 'a voice', lacks: ['camera'] });
    expect(noCamera.asked).toEqual(['camera+microphone', 'microphone']);
    const noMicrophone = browser(named('NotFoundError'), named('NotFoundError'), 'a picture');
    expect(await noMicrophone.of(both)).toEqual({ stream: 'a picture', lacks: ['microphone'] });
    expect(noMicrophone.asked).toEqual(['camera+microphone', 'microphone', 'camera']);
  });

  it('are not asked for again when the person refused, nor when one may send neither', async () => {
    const refused = browser(named('NotAllowedError'));
    expect(await refused.of({ video: {}, audio: false })).toEqual({ stream: undefined, lacks: ['camera'] });
    expect(refused.asked).toEqual(['camera']);
    const nothing = browser('a stream');
    expect(await nothing.of({ video: false, audio: false })).toEqual({ stream: undefined, lacks: [] });
    expect(nothing.asked).toEqual([]);
  });

  it('are offered once it is known what one may send, and not before: the state of the lesson comes first', () => {
    const [board, system] = [createEmitter<Record<string, unknown>>(), createEmitter<Record<string, unknown>>()];
    const room = { joined: { personId: 'anna', role: 'student' }, board: { on: board.on, welcome: () => undefined }, system: { on: system.on, rights: () => undefined, status: () => undefined, people: () => new Map() } };
    const rights = createRights(room as unknown as OpenRoom, () => undefined);
    system.emit('status', { status: 'active' });
    expect([rights.areKnown(), rights.may('toggleVideo')]).toEqual([false, false]);
    system.emit('permissions', { role: 'student', permissions: { toggleVideo: true } });
    expect([rights.areKnown(), rights.may('toggleVideo')]).toEqual([true, true]);
  });
});
