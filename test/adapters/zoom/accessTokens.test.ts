import { createZoomHarness, host } from './zoomHarness.ts';

describe('access tokens', () => {
  it('are fetched once however many callers wait, on however many nodes', async () => {
    const zoom = await createZoomHarness();
    try {
      const nodes = [zoom, zoom.addNode(), zoom.addNode()];
      await Promise.all(nodes.flatMap((node) => Array.from({ length: 20 }, () => node.meetings.live(host))));
      expect((await zoom.control.state()).tokensGranted).toBe(1);
    } finally {
      await zoom.close();
    }
  });

  it('are fetched anew once they are too old', async () => {
    const zoom = await createZoomHarness({ usedForMs: 0 });
    try {
      await zoom.meetings.live(host);
      await zoom.meetings.live(host);
      expect((await zoom.control.state()).tokensGranted).toBe(2);
    } finally {
      await zoom.close();
    }
  });

  it('that Zoom refuses are dropped and fetched once more, and only that one', async () => {
    const zoom = await createZoomHarness({ sandbox: { singleToken: true } });
    try {
      const other = zoom.addNode();
      await Promise.all([zoom.meetings.live(host), other.meetings.live(host)]);
      await zoom.control.send('POST', '/_tokens/expire', {});
      await zoom.meetings.live(host); // refused, fetches the second token
      await other.meetings.live(host); // still has the first: is refused, takes the second from the table
      await zoom.meetings.live(host);
      expect((await zoom.control.state()).tokensGranted).toBe(2);
    } finally {
      await zoom.close();
    }
  });

  it('are given up after the second refusal', async () => {
    const zoom = await createZoomHarness();
    try {
      await zoom.control.fault({ kind: 'expiredToken', count: 5 });
      await expect(zoom.meetings.live(host)).rejects.toMatchObject({ name: 'ZoomAuthError', code: 'unauthorized', status: 401, zoomCode: 124 });
      expect((await zoom.control.state()).tokensGranted).toBe(2);
    } finally {
      await zoom.close();
    }
  });

  it.each([['status', 'unavailable'], ['rateLimited', 'rateLimited'], ['timeoutAfter', 'unavailable'], ['dropBefore', 'unavailable']])('that cannot be had now are not a refusal: %s', async (kind, code) => {
    const zoom = await createZoomHarness();
    try {
      await zoom.control.fault({ kind, path: '^/oauth', count: 1, seconds: 60 });
      await expect(zoom.meetings.live(host)).rejects.toMatchObject({ code });
      await expect(zoom.meetings.live(host)).resolves.toEqual([]);
    } finally {
      await zoom.close();
    }
  });

  it('are sealed in the table', async () => {
    const zoom = await createZoomHarness();
    try {
      await zoom.meetings.live(host);
      const { rows } = await zoom.database.pool.query('select * from lectern.zoom_tokens');
      expect(rows).toHaveLength(1);
      expect(JSON.stringify(rows)).not.toMatch(/sandbox-(token|account|client)/);
    } finally {
      await zoom.close();
    }
  });
});
