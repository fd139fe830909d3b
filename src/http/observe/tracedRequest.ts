import type { Trace } from '../../ports/trace.ts';
import type { Exchange } from '../exchange.ts';

/** A request as a span, in the caller's trace if it brought one (`traceparent`), by its route's path: a real one may hold what must not be told. */
export const tracedRequest = (trace: Trace, exchange: Exchange, work: () => Promise<void>): Promise<void> => {
  const method = exchange.request.method ?? '';
  return trace.run(`${method} ${exchange.label}`, { 'http.request.method': method, 'http.route': exchange.label }, async (more) => {
    await work();
    more({ 'http.response.status_code': exchange.response.statusCode });
  }, { headers: exchange.request.headers, traceId: exchange.traceId });
};
