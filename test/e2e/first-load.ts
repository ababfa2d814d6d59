import type { Page } from 'playwright-core';
import { openConsole } from './console';

interface FirstLoad {
  /** Of all answers, with their headers, as they come over the wire. */
  bytes: number;
  requests: number;
  /** Bytes by kind: `Script`, `Stylesheet`, `Font`, `Fetch`, … */
  parts: Record<string, number>;
}

/** Opens the console as on a first visit, and counts what is loaded until its first screen shows its data. */
export async function loadConsole(page: Page): Promise<FirstLoad> {
  const protocol = await page.context().newCDPSession(page);
  const types = new Map<string, string>();
  const parts: Record<string, number> = {};
  await protocol.send('Network.enable');
  await protocol.send('Network.setCacheDisabled', { cacheDisabled: true });
  protocol.on('Network.responseReceived', ({ requestId, type }) => types.set(requestId, type));
  protocol.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    const type = types.get(requestId) ?? 'Other';
    parts[type] = (parts[type] ?? 0) + encodedDataLength;
  });
  await openConsole(page, '');
  // What the screen has begun to load.
  await page.evaluate(() => document.fonts.ready.then(() => {}));
  await protocol.detach();
  return { bytes: Object.values(parts).reduce((sum, one) => sum + one, 0), requests: types.size, parts };
}
