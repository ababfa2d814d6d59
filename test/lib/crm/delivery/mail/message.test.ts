import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderMail } from '@/lib/crm/delivery/mail/message';

test('a mail carries the company, one action, and a text of its own; scripts are gone', async () => {
  const look = {
    companyName: 'Flash & Frame',
    primaryColor: '#b4235a',
    footer: '12 Harbour Road',
    language: 'en',
  };
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
  const look = {
    companyName: 'Flash & Frame',
    primaryColor: '#b4235a',
    footer: '12 Harbour Road',
    language: 'en',
  };
  const bodyHtml = `<p>Dear <b>Ann</b>, see <a href="https://x.example/1">the page</a> or write to
    <a href="mailto:ann@x.example">ann@x.example</a>.</p><ul><li>Ink &amp; paper</li></ul>
    <table><tr><th>Item</th><th>Price</th></tr><tr><td>Open-air booth</td><td>€ 100</td></tr></table>`;
  const { html, text } = renderMail({ subject: 'Q', bodyHtml }, look);
  assert.match(html, /^<!DOCTYPE html><html/);
  assert.match(text, /Dear Ann, see the page https:\/\/x\.example\/1 or write to ann@x\.example\./);
  assert.match(text, / \* Ink & paper/);
  assert.match(text, /^Open-air booth +€ 100$/m);
});

test('a logo stands in the place of the name, and text on the button can be read on any color', () => {
  const look = {
    companyName: 'Flash & Frame',
    primaryColor: '#ffe066',
    footer: 'Tax ID: 31-1234567',
    language: 'en',
  };
  const content = {
    subject: 'Quote',
    bodyHtml: '<p>Hi</p>',
    action: { label: 'Open', url: 'https://x.example/c/1' },
  };
  const { html, text } = renderMail(content, { ...look, logo: new Uint8Array([137, 80, 78, 71]) });
  assert.match(html, /<img src="data:image\/png;base64,iVBORw=="/);
  assert.match(html, /alt="Flash &amp; Frame"/);
  assert.match(html, /color:#000000;[^"]*background-color:#ffe066/);
  assert.match(text, /Tax ID: 31-1234567/);
  assert.doesNotMatch(text, /base64/);
});
