import { createHttpContract } from '../support/httpContract.ts';
import { everyRoute } from './support/everyRoute.ts';

const breaches = createHttpContract(await everyRoute().openApi());

/** The yardstick of the other suites: it must not let everything pass. */
describe('the contract check', () => {
  const json = (value: object, type = 'application/json') => ({ headers: new Headers({ 'content-type': type, 'trace-id': 'x' }), text: JSON.stringify(value) });
  const problem = { type: '/problems/personNotFound', title: 'There is no such person', status: 404, detail: 'x', instance: '/x', code: 'personNotFound', traceId: 'x' };

  it('finds nothing wrong with what is right', () => {
    expect(breaches('GET', '/livez', { status: 200, ...json({ status: 'alive' }) })).toEqual([]);
    expect(breaches('GET', '/api/v1/people/ada', { status: 404, ...json(problem, 'application/problem+json') })).toEqual([]);
  });

  it.each<[string, string, number, ReturnType<typeof json>, RegExp]>([
    ['a wrong value', '/livez', 200, json({ status: 'dead' }), /must be equal|allowed values/],
    ['a field that is not documented', '/livez', 200, json({ status: 'alive', password: 'x' }), /additional properties/],
    ['a missing field', '/livez', 200, json({}), /required/],
    ['a status that is not documented', '/livez', 418, json({}), /not documented/],
    ['a media type that is not documented', '/livez', 200, json({ status: 'alive' }, 'text/html'), /content type/],
    ['a problem without its code', '/api/v1/people/ada', 404, json({ ...problem, code: undefined }, 'application/problem+json'), /required/],
    ['an address that is not documented', '/api/v1/secret', 200, json({}), /not documented/],
    ['a missing header', '/livez', 200, { ...json({ status: 'alive' }), headers: new Headers({ 'content-type': 'application/json' }) }, /Trace-Id is missing/],
  ])('finds %s', (_what, path, status, answer, complaint) => {
    expect(breaches('GET', path, { status, ...answer }).join('\n')).toMatch(complaint);
  });
});
