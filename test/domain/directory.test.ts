import { group } from '../../src/domain/group/index.ts';
import { lessonImport, type ImportCounts } from '../../src/domain/lessonImport/index.ts';
import { credentials, drift, job, projection } from '../../src/domain/operations/index.ts';
import { person, type PersonCommand } from '../../src/domain/person/index.ts';
import { given } from './scenario.ts';

const details = { name: 'Ada', email: 'ada@school.example', role: 'teacher' as const, timeZone: 'Europe/Berlin', moodleUserId: '', zohoContactId: '' };
const registered = { type: 'PersonRegistered' as const, data: { personId: 'ada', ...details } };
const about = (more: object) => ({ personId: 'ada', ...more }) as PersonCommand;

describe('a person', () => {
  it('is registered once', () => {
    given(person).when(about({ type: 'register', ...details })).then(registered);
    given(person, registered).when(about({ type: 'register', ...details })).refuses('personExists');
  });
  it('changes in what differs, and in nothing else', () => {
    given(person).when(about({ type: 'change', name: 'Bea' })).refuses('personNotFound');
    given(person, registered).when(about({ type: 'change', name: 'Bea', role: 'teacher' })).then({ type: 'PersonChanged', data: { personId: 'ada', name: 'Bea' } });
    given(person, registered).when(about({ type: 'change', name: 'Ada' })).nothing();
  });
  it('is deactivated and reactivated', () => {
    given(person, registered).when(about({ type: 'deactivate' })).then({ type: 'PersonDeactivated' });
    const gone = given(person, registered, { type: 'PersonDeactivated', data: { personId: 'ada' } });
    gone.when(about({ type: 'deactivate' })).nothing();
    gone.when(about({ type: 'reactivate' })).then({ type: 'PersonReactivated' });
    expect(gone.state.status).toBe('inactive');
  });
});

describe('a group', () => {
  const created = { type: 'GroupCreated' as const, data: { groupId: 'a1', name: 'A1' } };
  it('is created, renamed, and joined by each person once', () => {
    given(group).when({ groupId: 'a1', type: 'create', name: 'A1' }).then(created);
    given(group, created).when({ groupId: 'a1', type: 'create', name: 'A1' }).refuses('groupExists');
    given(group).when({ groupId: 'a1', type: 'addMember', personId: 'p' }).refuses('groupNotFound');
    given(group, created).when({ groupId: 'a1', type: 'rename', name: 'A1' }).nothing();
    given(group, created).when({ groupId: 'a1', type: 'addMember', personId: 'p' }).then({ type: 'GroupMemberAdded' });
    const joined = given(group, created, { type: 'GroupMemberAdded', data: { groupId: 'a1', personId: 'p' } });
    joined.when({ groupId: 'a1', type: 'addMember', personId: 'p' }).nothing();
    joined.when({ groupId: 'a1', type: 'removeMember', personId: 'p' }).then({ type: 'GroupMemberRemoved' });
    joined.when({ groupId: 'a1', type: 'removeMember', personId: 'q' }).nothing();
  });
});

describe('an import', () => {
  const started = { type: 'LessonImportStarted' as const, data: { importId: 'i', calendar: 'c', format: 'ics' as const, sha256: 'x', cancelVanished: false } };
  const counts: ImportCounts = { scheduled: 1, unchanged: 0, moved: 0, changed: 0, cancelled: 0, vanished: 0, refused: 0, skippedPast: 0 };
  it('starts, finishes and is undone, each once', () => {
    given(lessonImport).when({ type: 'start', ...started.data }).then(started);
    given(lessonImport, started).when({ type: 'start', ...started.data }).nothing();
    given(lessonImport).when({ type: 'finish', importId: 'i', counts }).refuses('importNotFound');
    given(lessonImport, started).when({ type: 'finish', importId: 'i', counts }).then({ type: 'LessonImportFinished', data: { counts } });
    given(lessonImport, started).when({ type: 'undo', importId: 'i', cancelled: 1, kept: 0 }).then({ type: 'LessonImportUndone' });
    const undone = given(lessonImport, started, { type: 'LessonImportUndone', data: { importId: 'i', cancelled: 1, kept: 0 } });
    undone.when({ type: 'undo', importId: 'i', cancelled: 1, kept: 0 }).nothing();
    undone.when({ type: 'finish', importId: 'i', counts }).refuses('importUndone');
  });
});

describe('what running the school leaves behind', () => {
  const failure = { job: 'j', runId: 'r1', scheduledFor: '2026-03-02T08:00:00.000Z', error: 'away' };
  it('a failed run and a skipped event are said once', () => {
    given(job).when({ type: 'recordFailure', ...failure }).then({ type: 'JobRunFailed', data: failure });
    given(job, { type: 'JobRunFailed', data: failure }).when({ type: 'recordFailure', ...failure }).nothing();
    const skip = { projection: 'lessons', position: '1', eventId: 'e', reason: 'poison' };
    given(projection).when({ type: 'skip', ...skip }).then({ type: 'ProjectionEventSkipped', data: skip });
    given(projection, { type: 'ProjectionEventSkipped', data: skip }).when({ type: 'skip', ...skip }).nothing();
  });
  it('credentials are said to be stored each time, a drift once until it is repaired', () => {
    given(credentials).when({ type: 'store', ref: 'main', fields: ['clientId'] }).then({ type: 'CredentialsStored', data: { ref: 'main', fields: ['clientId'] } });
    const finding = { vendor: 'zoom', findingId: 'f', kind: 'missingAtVendor' as const, subject: 'l', detail: '' };
    const open = given(drift, { type: 'DriftDetected', data: finding });
    open.when({ type: 'detect', ...finding }).nothing();
    open.when({ type: 'repair', vendor: 'zoom', findingId: 'f', action: 'created' }).then({ type: 'DriftRepaired' });
    given(drift).when({ type: 'repair', vendor: 'zoom', findingId: 'f', action: 'created' }).nothing();
  });
});
