import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { createElement } from 'react';
import {
  type Branding,
  renderDocument,
  type SalesDocument,
  sanitizeDocumentHtml,
  wordsOf,
} from '@/lib/crm/documents';
import { SalesSheet } from '@/lib/crm/documents/sales-document';
import { formatMoney } from '@/lib/money';

const branding: Branding = {
  companyName: 'Flash & Frame Photo Booths',
  companyLines: ['12 Harbour Road', 'Rotterdam', 'hello@flash.example'],
  primaryColor: '#b4235a',
  locale: 'en-GB',
};

function invoice(lines: number, currency: string): SalesDocument {
  return {
    kind: 'invoice',
    number: 'INV-2026-0042',
    status: 'sent',
    issueDate: '2026-03-01',
    dueDate: '2026-03-31',
    currency,
    billTo: { name: 'مؤسسة النور — Ωμέγα 🎉', lines: ['1 Main Street'] },
    event: {
      title: 'Wedding of Ann & Bo',
      dates: [
        {
          date: '2026-06-12',
          start: '18:00',
          end: '23:00',
          timezone: 'Europe/Amsterdam',
          place: { name: 'The Old Mill', lines: ['1 Mill Lane'] },
        },
      ],
    },
    lines: Array.from({ length: lines }, (_, index) => ({
      name: `Open-air booth, ${index + 1} hours`,
      description: 'With prints and an attendant',
      quantity: '1.500',
      unit: 'hour',
      unitPrice: '12500',
      lineTotal: '18750',
    })),
    subtotal: String(18750 * lines),
    discount: 1000,
    taxes: [{ name: 'VAT 21 %', amount: 3727 }],
    total: 99999999999,
    paid: 5000,
    balance: 99999994999,
    terms: 'Payable within 30 days.',
  };
}

const render = async (document: Parameters<typeof renderDocument>[0]) =>
  Buffer.from(await renderDocument(document, branding, { tenantId: 'a' }));

test('an invoice of 200 lines spreads over pages and stays a PDF', async () => {
  const pdf = await render(invoice(200, 'EUR'));
  assert.equal(pdf.subarray(0, 5).toString(), '%PDF-');
  const pages = pdf.toString('latin1').match(/\/Type \/Page\b/g)?.length ?? 0;
  assert.ok(pages >= 6, `${pages} pages`);
  if (process.env.KEEP_DOCUMENTS) await writeFile(process.env.KEEP_DOCUMENTS, pdf);
});

test('an invoice says how to pay, however long that is', async () => {
  const paymentInstructions = `${'By bank transfer to our account. '.repeat(120)}\n${'X'.repeat(500)}`;
  const document = { ...invoice(1, 'USD'), paymentInstructions };
  const texts = textsOf(createElement(SalesSheet, { document, branding }));
  const at = texts.indexOf('How to pay');
  assert.ok(at > 0);
  // Each line for itself.
  assert.deepEqual(texts.slice(at + 1, at + 3), paymentInstructions.split('\n'));
  assert.ok(
    !textsOf(createElement(SalesSheet, { document: invoice(1, 'USD'), branding })).includes('How to pay'),
  );
  assert.equal((await render(document)).subarray(0, 5).toString(), '%PDF-');
});

test('money is written as its currency is, exactly, however large', () => {
  assert.equal(formatMoney(123456, 'EUR', 'en-GB'), '€1,234.56');
  assert.equal(formatMoney(123456, 'JPY', 'en-US'), '¥123,456');
  assert.equal(formatMoney('1234567', 'KWD', 'en-US'), 'KWD\u00a01,234.567');
  assert.equal(formatMoney('9007199254740993001', 'USD', 'en-US'), '$90,071,992,547,409,930.01');
  assert.equal(formatMoney(-5, 'USD', 'en-US'), '-$0.05');
  // Not as the engine's data have it, which differ.
  assert.equal(formatMoney(123456, 'HUF', 'en-US'), 'HUF\u00a01,234.56');
});

test('an invoice renders in currencies of zero, two and three digits', async () => {
  for (const currency of ['JPY', 'INR', 'KWD']) {
    const pdf = await render(invoice(2, currency));
    assert.equal(pdf.subarray(0, 5).toString(), '%PDF-');
  }
});

test('a contract, a packing list and a crew brief render', async () => {
  const event = { title: 'Gala', number: 'EV-7' };
  const documents = [
    {
      kind: 'contract' as const,
      number: 'C-1',
      title: 'Rental agreement',
      bodyHtml: '<h2>Terms</h2><p>Be &amp; let be.</p><ul><li>One</li></ul>',
      bodySha256: 'ab'.repeat(32),
      signature: {
        name: 'Ann Client',
        consent: 'I agree to sign electronically.',
        signedAt: '2026-03-01T10:00:00Z',
        timezone: 'America/New_York',
      },
    },
    {
      kind: 'packing-list' as const,
      event,
      order: [{ name: 'Gold package', quantity: 1, includes: ['Attendant', 'Prints'] }],
      departures: [
        { date: '2026-06-12', booths: [{ name: 'Booth 1', items: [{ name: 'Printer', quantity: 1 }] }] },
      ],
    },
    {
      kind: 'crew-brief' as const,
      event,
      order: [],
      days: [
        {
          date: '2026-06-12',
          booths: ['Booth 1 · Mirror'],
          times: [{ label: 'Arrive', at: '16:00' }],
          crew: [{ name: 'Sam', role: 'Attendant' }],
        },
      ],
      contacts: [{ label: 'Client', name: 'Ann', phone: '+31 10 123' }],
    },
  ];
  for (const document of documents) {
    assert.equal((await render(document)).subarray(0, 5).toString(), '%PDF-');
  }
});

test('HTML keeps its text and loses what could run', () => {
  const html = sanitizeDocumentHtml(
    '<p onclick="x()">Hi <b>you</b><script>alert(1)</script><img src=x onerror=y><a href="javascript:z">l</a></p>',
  );
  assert.equal(html, '<p>Hi <b>you</b><a>l</a></p>');
});

test('prices that include tax: the total comes first, then what it contains', () => {
  const document: SalesDocument = {
    ...invoice(1, 'EUR'),
    subtotal: 119_00,
    discount: 0,
    total: 119_00,
    taxes: [{ name: 'inkl. 19 % MwSt.', amount: 19_00, net: 100_00 }],
  };
  const texts = textsOf(
    createElement(SalesSheet, { document, branding: { ...branding, locale: 'de-DE' } }),
  ).join('|');
  assert.ok(
    texts.includes('Gesamtbetrag|119,00\u00a0€|Netto|100,00\u00a0€|inkl. 19 % MwSt.|19,00\u00a0€'),
    texts,
  );
});

/** Every text that a document's elements say, in their order. */
function textsOf(node: unknown): string[] {
  if (typeof node === 'string' || typeof node === 'number') return [String(node)];
  if (Array.isArray(node)) return node.flatMap(textsOf);
  const element = node as { type?: unknown; props?: { children?: unknown } } | null;
  if (!element?.props) return [];
  return typeof element.type === 'function'
    ? textsOf((element.type as (props: unknown) => unknown)(element.props))
    : textsOf(element.props.children);
}

test('one hour is no “hours”, in either language; a void invoice says so', () => {
  const [line] = invoice(1, 'EUR').lines;
  const texts = (locale: string, quantity: string, unit: string, status = 'sent') => {
    const lines = line ? [{ ...line, quantity, unit }] : [];
    const document = { ...invoice(1, 'EUR'), lines, status };
    return textsOf(createElement(SalesSheet, { document, branding: { ...branding, locale } }));
  };
  for (const [locale, quantity, unit, said] of [
    ['en-GB', '1.000', 'hour', '1 hour'],
    ['en-GB', '2.000', 'hour', '2 hours'],
    ['en-GB', '1.000', 'each', '1'],
    ['en-GB', '1.000', 'crate', '1 crate'],
    ['de-DE', '1.000', 'day', '1 Tag'],
    ['de-DE', '3.000', 'day', '3 Tage'],
  ] as const)
    assert.ok(texts(locale, quantity, unit).includes(said), said);
  assert.ok(texts('en-GB', '1.000', 'each', 'void').includes('Invoice (void)'));
  assert.ok(texts('de-DE', '1.000', 'each', 'void').includes('Rechnung (storniert)'));
});

test('a document speaks the language of whom it is for: words, dates, numbers, money and units', () => {
  const texts = (locale: string) => {
    const document = {
      ...invoice(1, 'EUR'),
      schedule: [
        { label: 'Deposit', amount: 5000, dueDate: '2026-03-05', paid: 0 },
        { label: 'Balance', amount: 5000, dueDate: '2026-05-05', paid: 0 },
      ],
    };
    return textsOf(createElement(SalesSheet, { document, branding: { ...branding, locale } })).join('|');
  };
  const german = texts('de-DE');
  for (const text of [
    'Rechnung',
    'Rechnung an',
    '1. März 2026',
    '12. Juni 2026',
    '1,5 Std.',
    '125,00\u00a0€',
    'Anzahlung',
    'Gesamtbetrag',
  ])
    assert.ok(german.includes(text), `${text}: ${german}`);
  // No word of the other language is left over.
  const words = Object.values(wordsOf('en')).filter((word) => typeof word === 'string');
  const same = Object.values(wordsOf('de')) as unknown[];
  for (const word of words.filter((one) => !same.includes(one)))
    assert.ok(!german.split('|').includes(word), word);
  const english = texts('en-GB');
  for (const text of ['Invoice', 'Bill to', '1 March 2026', '1.5 hours', '€125.00', 'Deposit'])
    assert.ok(english.includes(text), text);
  assert.ok(texts('fr-FR').includes('Invoice'));
});
