// Every screen at a desk and on a phone: no error in the console, nothing serious for axe, a picture in docs/screens.
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import AxeBuilder from '@axe-core/playwright';
import { DESKTOP, PHONE, signIn } from './browser';

const SCREENS = [
  '/',
  '/events',
  '/availability',
  '/pipeline',
  '/leads',
  '/quotes',
  '/invoices',
  '/accounts',
  '/contacts',
  '/inventory',
  '/crew',
  '/tasks',
  '/templates',
  '/reports',
  '/settings',
  '/import',
];
const pictures = path.resolve(import.meta.dirname, '../../docs/screens');
await mkdir(pictures, { recursive: true });

for (const [size, viewport] of [
  ['desk', DESKTOP],
  ['phone', PHONE],
] as const) {
  test(`every screen, ${size}`, async (context) => {
    const { page, problems, open } = await signIn('owner', viewport);
    for (const screen of SCREENS) {
      await context.test(screen, async () => {
        problems.length = 0;
        await open(screen);
        const name = screen === '/' ? 'today' : screen.slice(1);
        await page.screenshot({
          path: path.join(pictures, `${name}-${size}.jpg`),
          type: 'jpeg',
          quality: 70,
        });
        const { violations } = await new AxeBuilder({ page }).analyze();
        const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
        const found = serious.map(
          ({ id, nodes }) =>
            `${id}: ${nodes
              .map(({ html }) => html.slice(0, 160))
              .slice(0, 3)
              .join(' | ')}`,
        );
        assert.deepEqual([...problems, ...found], []);
      });
    }
  });
}
