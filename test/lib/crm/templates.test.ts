import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkTemplate, mergeTemplate } from '@/lib/crm/templates';

test('a template with an unknown field or an open brace is refused', () => {
  assert.throws(() => checkTemplate('Dear {{client.nmae}}'), { code: 'template_unknown_field' });
  assert.throws(() => checkTemplate('Dear {{account.name'), { code: 'template_malformed' });
  checkTemplate('Dear {{ account.name }}, see {{link}}.');
});

test('a value is text in HTML, and a missing one is shown', () => {
  const merged = mergeTemplate(
    '<p>{{account.name}} {{event.date}}</p><script>x</script>',
    { 'account.name': '<b>A&B</b>' },
    'html',
  );
  assert.equal(merged.content, "<p>&lt;b&gt;A&amp;B&lt;/b&gt; [the event's date]</p>");
  assert.deepEqual(merged.missing, ['event.date']);
});

test('a value that looks like a field is not merged again', () => {
  const merged = mergeTemplate(
    '{{account.name}}',
    { 'account.name': '{{company.name}}', 'company.name': 'X' },
    'text',
  );
  assert.equal(merged.content, '{{company.name}}');
});
