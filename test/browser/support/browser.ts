import sparticuz from '@sparticuz/chromium';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';

/**
 * A headless Chromium from npm, with everything it needs beside it. Camera and microphone are the browser's own test pictures; addresses of
 * this machine are told to peers as they are, since nobody resolves mDNS names here.
 */
export async function startBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: await sparticuz.executablePath(), headless: true,
    args: ['--no-sandbox', '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream', '--disable-features=WebRtcHideLocalIpsWithMdns'],
  });
}

export type Visitor = { page: Page; /** What the page complained of: refused by the policy, thrown, not found. */ complaints: string[]; close(): Promise<void> };

/** Somebody with a browser of their own, at an address. */
export async function visit(browser: Browser, address: string, options: BrowserContextOptions = {}): Promise<Visitor> {
  const context = await browser.newContext({ permissions: ['camera', 'microphone'], viewport: { width: 1_000, height: 700 }, ...options });
  context.setDefaultTimeout(10_000); // less than a test has: what was waited for is then named
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => { if (message.type() === 'error') complaints.push(message.text()); });
  // So that a test can look at the connections that the page makes.
  await page.addInitScript('const Made = RTCPeerConnection; window.connections = []; window.RTCPeerConnection = class extends Made { constructor(...given) { super(...given); window.connections.push(this); } };');
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

export type CallFacts = { nominated: number; framesDecoded: number; states: string[] };

/** Of all connections that the page has made. */
export const callFacts = (page: Page): Promise<CallFacts> =>
  page.evaluate(`(async () => {
    const facts = { nominated: 0, framesDecoded: 0, states: [] };
    for (const connection of window.connections) {
      facts.states.push(connection.connectionState);
      for (const one of (await connection.getStats()).values()) {
        if (one.type === 'candidate-pair' && one.nominated && one.state === 'succeeded') facts.nominated++;
        if (one.type === 'inbound-rtp' && one.kind === 'video') facts.framesDecoded += one.framesDecoded ?? 0;
      }
    }
    return facts;
  })()`);
