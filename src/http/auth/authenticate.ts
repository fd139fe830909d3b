import { HttpProblem } from '../problems.ts';
import type { Access, Actor } from '../route.ts';
import type { KnownPerson, PersonAccess } from './personAccess.ts';
import type { RoomTokens } from './roomTokens.ts';
import type { Verified, VerifyToken } from './tokens.ts';

export const anonymous: Actor = { id: 'anonymous', role: 'student' };

/**
 * Who asks: the token names the person, the directory's role overrides the token's. Answers at once on the hot path.
 * @throws HttpProblem `unauthorized`, `personInactive`, `unavailable`
 */
export const createAuthenticate = (verify: VerifyToken, people: PersonAccess) => {
  const asActor = (verified: Verified, known: (id: string) => KnownPerson | undefined): Actor => {
    if (verified.outcome === 'unavailable') throw new HttpProblem('unavailable', 'The keys that verify tokens cannot be had right now.', { headers: { 'Retry-After': '1' } });
    if (verified.outcome === 'refused') throw unauthorized('The token is not valid.', 'invalid_token');
    const person = known(verified.actor.id);
    if (!person) return verified.actor;
    if (!person.active) throw new HttpProblem('personInactive', 'This person is deactivated.');
    return person.role === verified.actor.role ? verified.actor : { id: verified.actor.id, role: person.role };
  };

  const slowly = async (verified: Verified | Promise<Verified>): Promise<Actor> => {
    const outcome = await verified;
    const person = outcome.outcome === 'valid' ? await people.of(outcome.actor.id) : undefined;
    return asActor(outcome, () => person);
  };

  return (authorization: string | undefined): Actor | Promise<Actor> => {
    const token = bearerOf(authorization);
    if (token === undefined) throw unauthorized('Send `Authorization: Bearer <token>`.');
    const verified = verify(token);
    if (verified instanceof Promise) return slowly(verified);
    const person = verified.outcome === 'valid' ? people.of(verified.actor.id) : undefined;
    return person instanceof Promise ? person.then((found) => asActor(verified, () => found)) : asActor(verified, () => person);
  };
};

/**
 * The same on a route that takes the token of the room it is about. Its bearer has the role that the directory gives them; whom the directory
 * does not know counts as a student, the least there is.
 * @throws HttpProblem `unauthorized`, `personInactive`, `unavailable`; `forbidden` for the token of another room
 */
export const createAuthenticateInRoom = (authenticate: ReturnType<typeof createAuthenticate>, tokens: Pick<RoomTokens, 'verify'>, people: PersonAccess) =>
  async (authorization: string | undefined, roomId: string | undefined): Promise<Actor> => {
    const token = bearerOf(authorization);
    const bearer = token === undefined ? undefined : tokens.verify(token);
    if (!bearer) return authenticate(authorization);
    if (bearer.sessionId !== roomId) throw new HttpProblem('forbidden', 'This token is for another room.');
    const person = await people.of(bearer.personId);
    if (person?.active === false) throw new HttpProblem('personInactive', 'This person is deactivated.');
    return { id: bearer.personId, role: person?.role ?? 'student' };
  };

const bearerOf = (authorization: string | undefined): string | undefined =>
  authorization !== undefined && /^bearer /i.test(authorization) ? authorization.slice(7).trim() : undefined;

/** Deny by default: whoever the route does not name is refused. @throws HttpProblem `forbidden` */
export function authorize(access: Exclude<Access, 'public'>, actor: Actor): void {
  if (access === 'authenticated' || access.includes(actor.role)) return;
  throw new HttpProblem('forbidden', `The role ${actor.role} may not do this.`);
}

// RFC 6750, section 3: without credentials no error code, with bad ones invalid_token.
const unauthorized = (detail: string, error?: string): HttpProblem =>
  new HttpProblem('unauthorized', detail, { headers: { 'WWW-Authenticate': `Bearer realm="lectern"${error === undefined ? '' : `, error="${error}"`}` } });
