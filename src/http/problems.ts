import { DomainError } from '../domain/kernel/domainError.ts';

/**
 * The one table of everything that can go wrong over HTTP: code → status and title (RFC 9457). Codes are stable: clients
 * switch on them, and each has its page at /problems/{code}. Whoever invents a DomainError code adds its row here.
 */
const table = {
  // The request itself
  invalidRequest: [400, 'The request does not fit the schema'],
  malformedJson: [400, 'The body is not valid JSON'],
  invalidCursor: [400, 'The cursor was not made by this list'],
  invalidHeader: [400, 'A header has a value that cannot be read'],
  malformedPath: [400, 'The path cannot be decoded'],
  unauthorized: [401, 'A valid bearer token is needed'],
  invalidSignature: [401, 'The signature does not fit the body'],
  forbidden: [403, 'Your role does not allow this'],
  personInactive: [403, 'This person is deactivated'],
  notFound: [404, 'There is nothing here'],
  methodNotAllowed: [405, 'This resource does not take that method'],
  notAcceptable: [406, 'This resource cannot be sent in a form you accept'],
  requestTimeout: [408, 'The request did not arrive in time'],
  bodyTooLarge: [413, 'The body is too large'],
  uriTooLong: [414, 'The address is too long'],
  unsupportedMediaType: [415, 'The body has a media type or encoding that is not taken here'],
  headersTooLarge: [431, 'The headers are too large'],
  rateLimited: [429, 'Too many requests'],
  staleRevision: [412, 'It has changed since you read it'],
  keyInProgress: [409, 'A request with this Idempotency-Key is still running'],
  keyReused: [422, 'This Idempotency-Key was used for another request'],
  // Our own state
  internalError: [500, 'Something went wrong on our side'],
  unavailable: [503, 'Something that is needed is away for the moment'],
  readModelBehind: [503, 'The view has not reached that position yet'],
  shuttingDown: [503, 'The server is stopping'],
  vendorUnavailable: [503, 'The vendor does not answer'],
  // Directory
  personNotFound: [404, 'There is no such person'],
  personExists: [409, 'This person is already registered'],
  groupNotFound: [404, 'There is no such group'],
  groupExists: [409, 'This group exists already'],
  unknownPerson: [422, 'There is no such active person'],
  // Lessons
  lessonNotFound: [404, 'There is no such lesson'],
  noZoomAccountFree: [409, 'No Zoom account is free at that time'],
  teacherBusy: [409, 'The teacher already teaches at that time'],
  startInPast: [422, 'The start lies in the past'],
  invalidLesson: [422, 'A lesson cannot be like that'],
  invalidWallTime: [422, 'This is not a wall time'],
  wallTimeSkipped: [422, 'That wall time does not exist on that day'],
  wallTimeAmbiguous: [422, 'That wall time exists twice on that day'],
  unknownTimeZone: [422, 'There is no such time zone'],
  unknownTeacher: [422, 'There is no such teacher'],
  teacherInactive: [422, 'This teacher is deactivated'],
  notATeacher: [422, 'This person is not a teacher'],
  unknownGroup: [422, 'There is no such group'],
  overrideNotAllowed: [403, 'Only a manager or an admin may plan a teacher twice'],
  lessonAbandoned: [409, 'Scheduling this lesson took too long and was given up'],
  lessonFinal: [409, 'This lesson is finished or cancelled'],
  lessonLive: [409, 'This lesson has begun'],
  lessonNotLive: [409, 'This lesson was not started'],
  lessonChanged: [409, 'The lesson kept changing meanwhile'],
  placeForfeited: [409, 'This took too long and its place was given away'],
  tooEarly: [409, 'It is too early for that'],
  lessonOver: [409, 'The time of this lesson is over'],
  meetingNotReady: [409, 'The meeting is not there yet'],
  contended: [503, 'Too many are changing the same thing'],
  // Zoom accounts
  zoomAccountNotFound: [404, 'There is no such Zoom account'],
  zoomAccountExists: [409, 'This Zoom account is registered already'],
  zoomUserEnlisted: [409, 'This Zoom user is in the pool already'],
  zoomAccountDisabled: [409, 'This Zoom account is disabled'],
  zoomAccountFull: [409, 'Every place of the Zoom account is in use'],
  zoomAccountInUse: [409, 'More meetings are running than that'],
  zoomAccountHasReservations: [409, 'Lessons are planned on this Zoom account'],
  zoomAccountCannotRecord: [409, 'The Zoom account has no cloud recording'],
  noLeaseFree: [409, 'Every place of the Zoom account is in use'],
  invalidCapacity: [422, 'A capacity is a whole number from 1'],
  emptyInterval: [422, 'An interval ends after it begins'],
  placeTaken: [409, 'No place is free at that time'],
  placeInUse: [409, 'The lesson is at that place'],
  reservationTaken: [409, 'This reservation is for another time'],
  tooLongAgo: [422, 'That day is too long ago'],
  meetingNotSettled: [409, 'The meeting before may still exist at the vendor'],
  meetingNotWanted: [409, 'The lesson wants no meeting'],
  meetingOutdated: [409, 'This meeting is not wanted any more'],
  importNotFound: [404, 'There is no such import'],
  importUndone: [409, 'This import was undone'],
  importUnreadable: [422, 'The file cannot be read'],
  importTooHeavy: [422, 'The file asks for too much'],
  teacherNotNamed: [422, 'The file does not say who teaches'],
  teacherNotKnown: [422, 'The file names a teacher who is not in the directory'],
  severalTeachers: [422, 'The file names several teachers'],
  // Lesson rooms
  roomNotFound: [404, 'There is no such room'],
  roomEnded: [409, 'This room has ended'],
  notInRoom: [409, 'You are not in this room'],
  kickedOut: [403, 'You were taken out of this room'],
  roomUnavailable: [503, 'This room cannot be reached right now'],
  notOwner: [503, 'Another node has this room; said between nodes only'],
  notInvited: [403, 'You are not invited to this room'],
  accessCodeNeeded: [403, 'This room asks for its access code'],
  wrongAccessCode: [403, 'This is not the access code of this room'],
  roomFull: [409, 'Every seat of this room is taken'],
  roomNotStarted: [409, 'This room has not been started'],
  roomStarted: [409, 'This room has been started'],
  roomPaused: [409, 'This room is paused'],
  participantNotFound: [404, 'There is no such person in this room'],
  participantNotHere: [409, 'This person is not in the room now'],
  hostStays: [409, 'The primary host keeps their place'],
  soloRoom: [409, 'This is a room for one'],
  chatOff: [409, 'There is no chat in this room'],
  invalidRoom: [422, 'A room cannot be like that'],
  boardVersionNotFound: [404, 'The board has no such version'],
  drawingLocked: [409, 'Drawing is locked while the host is away'],
  noSuchBoard: [404, 'There is no such board'],
  boardNotEmpty: [409, 'This board has been drawn on'],
  snapshotNotFound: [404, 'There is no snapshot of that version'],
  pageNotFound: [404, 'The board has no such page'],
  imageNotFound: [404, 'There is no such image'],
  imageNotSupported: [415, 'This is no image that is taken here'],
  imageTooLarge: [413, 'The image is too large'],
  roomImagesFull: [409, 'The room has all the images that it can hold'],
  exportTooLarge: [422, 'This is too much for one picture'],
  // Jobs, read models, the clock
  unknownJob: [404, 'There is no such job'],
  jobRunNotFound: [404, 'There is no such run'],
  unknownReadModel: [404, 'There is no such read model'],
  readModelNotPaused: [409, 'This read model is not paused'],
  readModelUnavailable: [503, 'This read model is not there yet'],
  replayPaused: [409, 'The rebuild stands before an event that cannot be projected'],
  clockRunsBack: [409, 'The school\'s clock only moves forwards'],
} as const satisfies Record<string, readonly [number, string]>;

export type ProblemCode = keyof typeof table;

export const problems: Readonly<Record<string, { status: number; title: string }>> = Object.freeze(
  Object.fromEntries(Object.entries(table).map(([code, [status, title]]) => [code, { status, title }])),
);

/** One thing wrong with the input: where (RFC 6901 pointer into that part) and what. */
export type InputError = { in: 'body' | 'query' | 'path' | 'header'; pointer: string; detail: string };

/** A refusal that http itself makes. Handlers throw DomainError; this is for what lies before them. */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem';
  readonly code: ProblemCode;
  readonly errors: readonly InputError[];
  readonly headers: Readonly<Record<string, string>>;
  constructor(code: ProblemCode, detail: string, more: { errors?: readonly InputError[]; headers?: Record<string, string>; cause?: unknown } = {}) {
    super(detail, more.cause === undefined ? {} : { cause: more.cause });
    this.code = code;
    this.errors = more.errors ?? [];
    this.headers = more.headers ?? {};
  }
}

/** A refusal by code, for handlers: `throw refusal('lessonNotFound', …)`; the code is checked against the table. */
export const refusal = (code: ProblemCode, message: string, details?: Readonly<Record<string, unknown>>): DomainError => new DomainError(code, message, details);
