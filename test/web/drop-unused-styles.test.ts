import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withoutUnused } from '@/web/drop-unused-styles';

const used = new Set(['m_11111111']);
const kept = (css: string) => withoutUnused(css, (name) => used.has(name));

test('rules of components that are not used are removed, also within conditions', () => {
  assert.equal(kept('.m_11111111{a:b}.m_22222222{a:b}.own{a:b}'), '.m_11111111{a:b}.own{a:b}');
  assert.equal(
    kept('@media (x){.m_22222222{a:b}}@media (y){.m_11111111{a:b}}'),
    '@media (y){.m_11111111{a:b}}',
  );
  assert.equal(kept('.m_11111111 .m_22222222{a:b}'), '');
});

test('what has no such class stays as it is', () => {
  for (const css of [
    '@charset "utf-8";:root{--a:url("x;y")}',
    '@keyframes m_22222222{0%{a:b}to{a:c}}',
    '@font-face{src:url(a.woff2)}',
    '.m_11111111,.m_22222222{a:b}',
    '.m_11111111:not(.m_22222222):is(.own,.m_22222222){a:b}',
  ])
    assert.equal(kept(css), css);
});
