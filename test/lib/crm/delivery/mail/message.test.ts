import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderMail } from '@/lib/crm/delivery/mail/message';

test('a mail carries the company, one action, and a text of its own; scripts are gone', async () => {
  const look = { companyName: 'Flash & Frame', primaryColor: '#b4235a', footer: '12 Harbour Road' };
  const action = { label: 'See the quote', url: 'https://a.example/q/1' };
  const { html, text } = renderMail(
    { subject: 'Q', bodyHtml: '<p>Dear Ann</p><script>x</script>', action },
    look,
  );
  assert.match(html, /Flash &amp; Frame/);
  assert.ok(!html.includes('<script'));
  assert.match(text, /Dear Ann/);
  assert.match(text, /https:\/\/a\.example\/q\/1/);
});

test('the plain text of a mail keeps links, lists and tables of the template', () => {
  const look = { companyName: 'Flash & Frame', primaryColor: '#b4235a', footer: '12 Harbour Road' };
  const bodyHtml = `<p>Dear <b>Ann</b>, see <a href="https://x.example/1">the page</a> or write to
    <a href="mailto:ann@x.example">ann@x.example</a>.</p><ul><li>Ink &amp; paper</li></ul>
    <table><tr><th>Item</th><th>Price</th></tr><tr><td>Open-air booth</td><td>€ 100</td></tr></table>`;
  const { html, text } = renderMail({ subject: 'Q', bodyHtml }, look);
  assert.match(html, /^<!DOCTYPE html><html/);
  assert.match(text, /Dear Ann, see the page https:\/\/x\.example\/1 or write to ann@x\.example\./);
  assert.match(text, / \* Ink & paper/);
  assert.match(text, /^Open-air booth +€ 100$/m);
});
