// Documents lose no text and print nothing over other text, however long it is: every glyph is read back from the PDF.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import type { Branding, DocumentLine, DocumentModel, SalesDocument } from '@/lib/crm/documents';
import { renderPdf } from '@/lib/crm/documents/render';

const directory = mkdtempSync(path.join(tmpdir(), 'marquee-glyphs-'));
after(() => rmSync(directory, { recursive: true }));

const hasPoppler = (() => {
  try {
    execFileSync('pdftotext', ['-v'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();
const skip = hasPoppler ? false : 'poppler-utils is not installed';

const branding: Branding = {
  companyName: 'Flash & Frame',
  companyLines: ['12 Harbour Road', 'Columbus, OH 43215'],
  primaryColor: '#b4235a',
  locale: 'en-US',
};

interface Word {
  page: number;
  text: string;
  left: number;
  top: number;
  right: number;
  bottom: number;
}

async function printed(
  document: DocumentModel,
  look: Branding = branding,
): Promise<{ words: Word[]; pages: number; fonts: string }> {
  const file = path.join(directory, `${crypto.randomUUID()}.pdf`);
  writeFileSync(file, await renderPdf(document, look));
  const fonts = execFileSync('pdffonts', [file], { encoding: 'utf8' });
  const xml = execFileSync('pdftotext', ['-bbox', file, '-'], { encoding: 'utf8', maxBuffer: 1e8 });
  const pages = xml.split('<page ').slice(1);
  const words = pages.flatMap((page, index) =>
    [...page.matchAll(/<word xMin="(.+?)" yMin="(.+?)" xMax="(.+?)" yMax="(.+?)">(.*?)<\/word>/gs)].map(
      ([, left, top, right, bottom, text = '']) => ({
        page: index + 1,
        text: text.replace(/&(amp|lt|gt|quot|#39);/g, (_, name) => ENTITIES[name] ?? ''),
        left: Number(left),
        top: Number(top),
        right: Number(right),
        bottom: Number(bottom),
      }),
    ),
  );
  return { words, pages: pages.length, fonts };
}

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };

function countLetters(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const letter of text.normalize('NFKC').replace(/[\s\p{Cf}]/gu, ''))
    counts.set(letter, (counts.get(letter) ?? 0) + 1);
  return counts;
}

/** Fails unless every letter of these texts is printed as often as it stands there, and nothing stands over anything else. */
async function assertWhole(
  document: DocumentModel,
  ...texts: string[]
): Promise<{ words: Word[]; pages: number }> {
  const { words, pages } = await printed(document);
  const found = countLetters(words.map(({ text }) => text).join(''));
  for (const [letter, count] of countLetters(texts.join('')))
    assert.ok((found.get(letter) ?? 0) >= count, `“${letter}”: ${found.get(letter) ?? 0} of ${count}`);
  assertApart(words);
  return { words, pages };
}

function assertApart(words: Word[]): void {
  const rows = words.toSorted((a, b) => a.page - b.page || a.top - b.top);
  rows.forEach((word, index) => {
    for (let next = index + 1; next < rows.length; next += 1) {
      const other = rows[next];
      // Ascenders and descenders of neighbouring lines may touch.
      if (!other || other.page !== word.page || other.top > word.bottom - 3) break;
      const across = Math.min(word.right, other.right) - Math.max(word.left, other.left);
      const down = Math.min(word.bottom, other.bottom) - Math.max(word.top, other.top);
      assert.ok(across < 1 || down < 3, `“${word.text}” and “${other.text}” on page ${word.page}`);
    }
  });
}

function line(name: string, more: Partial<DocumentLine> = {}): DocumentLine {
  return { name, quantity: '1.000', unit: 'each', unitPrice: 10_000, lineTotal: 10_000, ...more };
}

function quote(lines: DocumentLine[], more: Partial<SalesDocument> = {}): SalesDocument {
  return {
    kind: 'quote',
    number: 'Q-2027-0042',
    status: 'sent',
    currency: 'USD',
    billTo: { name: 'Ann Rivera', lines: ['500 High Street'] },
    lines,
    subtotal: 10_000 * lines.length,
    discount: 0,
    taxes: [],
    total: 10_000 * lines.length,
    ...more,
  };
}

/** Words that differ, so that each is found again. */
const words = (count: number, prefix = 'w') =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`).join(' ');

test('a description of 11,000 characters goes on over pages, under a repeated head', { skip }, async () => {
  const description = words(2_000);
  assert.ok(description.length > 10_000);
  const { words: found, pages } = await assertWhole(
    quote([line('Before'), line('Long', { description }), line('After')]),
    description,
    'BeforeAfter',
  );
  assert.ok(pages >= 4, `${pages} pages`);
  const texts = new Set(found.map(({ text }) => text));
  assert.deepEqual(
    description.split(' ').filter((word) => !texts.has(word)),
    [],
  );
  for (let page = 1; page <= pages; page += 1)
    assert.ok(
      found.some(({ text, page: on }) => on === page && text === 'Quantity'),
      `the head on page ${page}`,
    );
});

test('a word of 3,000 letters is broken, in every place that takes text', { skip }, async () => {
  const long = 'xyz'.repeat(1_000);
  const most = 'Straßenbahnhaltestelle'.repeat(9);
  await assertWhole(
    quote([line(long, { description: long, includes: [long], unit: most, grossTotal: 20_000 })], {
      billTo: { name: most, lines: [most] },
      event: {
        title: most,
        dates: [
          {
            date: '2027-06-12',
            start: '18:00',
            end: '23:00',
            timezone: 'America/New_York',
            place: { name: most, lines: [most] },
          },
        ],
      },
      purchaseOrder: most,
      terms: long,
    }),
    ...Array.from({ length: 4 }, () => long),
    ...Array.from({ length: 7 }, () => most),
  );
});

for (const count of [120, 300]) {
  test(`${count} lines are all there, one below the other`, { skip }, async () => {
    const lines = Array.from({ length: count }, (_, index) =>
      line(`Line${index}`, {
        description: `With prints and an attendant, number ${index}`,
        unitPrice: 100 + index,
      }),
    );
    const { words: found } = await assertWhole(quote(lines), ...lines.map(({ name }) => name));
    const names = found.filter(({ text }) => /^Line\d+$/.test(text)).map(({ text }) => text);
    assert.deepEqual(
      names,
      lines.map(({ name }) => name),
    );
  });
}

test('umlauts, decomposed ones too, are printed as they are; what no font has is printed as its code', {
  skip,
}, async () => {
  const given = 'Übergrößenträger façade Łódź ẞ ñ — “quotes” … € № ½ ’';
  const decomposed = 'Mu\u0308ller cafe\u0301';
  const { words: found } = await assertWhole(
    quote([line(`${given} ${decomposed}`, { description: 'none \ue000 and \u{f0000} of it' })]),
    given,
    'Müller café',
    '[U+E000]',
    '[U+F0000]',
  );
  assert.ok(found.some(({ text }) => text === 'Müller'));
});

test('Chinese, Japanese, Korean, Thai, Arabic, Hebrew and emoji are printed', { skip }, async () => {
  const scripts = [
    '婚礼照相亭租赁服务'.repeat(30),
    'ウェディングフォトブース',
    '결혼식 사진 부스',
    'บูธถ่ายภาพงานแต่งงาน',
    'שלום עולם',
    'Ωμέγα Привет',
    '🎉💍📷👩‍👩‍👧❤️👍🏽',
  ];
  await assertWhole(
    quote(
      scripts.map((text) => line(text, { description: text })),
      { terms: scripts.join('\n') },
    ),
    ...scripts.flatMap((text) =>
      [text, text, text].map((one) => one.replace(/\p{Variation_Selector}/gu, '')),
    ),
  );
  // Arabic is read back letter by letter in its shaped forms.
  const arabic = 'مؤسسة النور للتصوير';
  await assertWhole(quote([line(arabic)], { billTo: { name: arabic, lines: [] } }), arabic, arabic);
});

test('long terms go on over pages', { skip }, async () => {
  const terms = Array.from({ length: 120 }, (_, index) => `${index + 1}. ${words(40, `t${index}x`)}`).join(
    '\n',
  );
  const { pages } = await assertWhole(quote([line('Booth')], { terms }), terms);
  assert.ok(pages >= 4, `${pages} pages`);
});

test('an invoice with a long plan and many payments, and its receipt', { skip }, async () => {
  const schedule = Array.from({ length: 80 }, (_, index) => ({
    label: `Part${index} ${'of the plan '.repeat(6)}`,
    dueDate: '2027-05-01',
    amount: 100,
    paid: index < 3 ? 100 : 0,
    ...(index < 3 ? { paidOn: '2027-01-08' } : {}),
  }));
  const payments = Array.from({ length: 80 }, (_, index) => ({
    kind: 'payment' as const,
    date: '2027-01-08',
    method: 'check',
    reference: `Check${index} ${'x'.repeat(150)}`,
    amount: 100,
  }));
  const { words: found } = await assertWhole(
    quote([line('Booth')], { kind: 'invoice', paid: 300, balance: 9_700, schedule, payments }),
    ...schedule.map(({ label }) => label),
    ...payments.map(({ reference }) => reference),
  );
  assert.equal(found.filter(({ text }) => text === 'Paid').length, 4, 'three parts, and the sum');
  for (const kind of ['payment', 'refund', 'credit'] as const) {
    const reference = 'r'.repeat(2_000);
    await assertWhole(
      {
        kind: 'receipt',
        number: 'INV-7-1',
        payment: { kind, date: '2027-01-08', method: 'cash', reference, amount: 300 },
        currency: 'USD',
        from: { name: 'n'.repeat(500), lines: ['l'.repeat(500)] },
        invoiceNumber: 'INV-7',
        total: 10_000,
        paid: 300,
        credited: 0,
        balance: 9_700,
      },
      reference,
      'n'.repeat(500),
      'l'.repeat(500),
    );
  }
});

test('a contract: long paragraphs, lists and tables, what was ordered, a long name and consent', {
  skip,
}, async () => {
  const cell = words(900, 'c');
  const item = words(1_500, 'i');
  const consent = words(300, 'k');
  const name = `${'Wolfeschlegelsteinhausenbergerdorff '.repeat(8)}`.trim();
  const order = quote(
    Array.from({ length: 60 }, (_, index) => line(`Ordered${index}`)),
    { terms: words(500, 'o') },
  );
  await assertWhole(
    {
      kind: 'contract',
      number: 'C-1',
      title: 'Rental agreement '.repeat(12),
      bodyHtml: `<h2>Terms</h2><p>${'z'.repeat(3_000)}</p><ul><li>${item}</li><li>second</li></ul>
        <table><tr><th>What</th><th>How</th><th>When</th></tr><tr><td>short</td><td>${cell}</td><td>${'q'.repeat(400)}</td></tr></table>`,
      bodySha256: 'ab'.repeat(32),
      order,
      signature: { name, consent, signedAt: '2027-01-06T02:30:00Z', timezone: 'America/New_York' },
    },
    ...[item, cell, consent, name, 'z'.repeat(3_000), 'q'.repeat(400), 'second', order.terms ?? ''],
    ...order.lines.map((one) => one.name),
  );
});

test('a packing list and a crew brief of a large event', { skip }, async () => {
  const event = {
    title: 'Gala '.repeat(40),
    number: 'EV-7',
    dressCode: words(60, 'd'),
    notes: words(1_500, 'n'),
  };
  const items = Array.from({ length: 150 }, (_, index) => ({
    name: `Thing${index} ${'with a long name '.repeat(index % 12)}`,
    quantity: index + 1,
  }));
  const order = Array.from({ length: 90 }, (_, index) => ({
    name: `Package${index}`,
    quantity: 1,
    includes: ['Attendant', `Prints${index} ${'in colour '.repeat(index % 20)}`],
  }));
  const ordered = order.flatMap(({ name, includes }) => [name, ...includes]);
  await assertWhole(
    {
      kind: 'packing-list',
      event,
      order,
      departures: [{ date: '2027-06-12', place: 'Mill '.repeat(50), booths: [{ name: 'Booth', items }] }],
    },
    event.title,
    ...ordered,
    ...items.map(({ name }) => name),
  );
  const crew = Array.from({ length: 120 }, (_, index) => ({
    name: `Person${index} ${'Longname'.repeat(index % 9)}`,
    role: 'Attendant and photographer',
    arrival: '16:00',
    phone: '+1 614 555 0134',
  }));
  await assertWhole(
    {
      kind: 'crew-brief',
      event,
      order,
      days: [
        {
          date: '2027-06-12',
          place: 'Old Mill',
          times: [{ label: 'Set-up', at: '16:00' }],
          booths: ['Booth 7'],
          access: words(400, 'a'),
          crew,
        },
      ],
      contacts: [{ label: 'On site', name: 'Ann '.repeat(60), phone: '+1 614 555 0134' }],
    },
    event.title,
    ...ordered,
    words(400, 'a'),
    event.notes,
    event.dressCode,
    ...crew.map(({ name, phone }) => name + phone),
  );
});

test('labels: long tags in smaller print', { skip }, async () => {
  for (const sheet of ['a4-24', 'letter-30'] as const) {
    const labels = Array.from({ length: 40 }, (_, index) => ({
      address: `https://marquee.example/inventory/equipment/${index}`,
      title: `Tag${index} ${'of a light '.repeat(index % 6)}`,
      subtitle: `Godox${index} ${'panel with a long name '.repeat(index % 5)}`,
    }));
    await assertWhole(
      { kind: 'labels', sheet, labels },
      ...labels.flatMap(({ title, subtitle }) => [title, subtitle]),
    );
  }
});

test('a company of the United States prints Letter and 12 hours, one of Germany A4 and 24', {
  skip,
}, async () => {
  const event = {
    title: 'Wedding',
    dates: [{ date: '2027-06-12', start: '18:00', end: '23:30', timezone: 'America/New_York' }],
  };
  const sizes = {
    'en-US': [/612 x 792/, '6:00 PM – 11:30 PM EDT'],
    'de-DE': [/595\.28 x 841\.89/, '18:00 – 23:30 GMT-4'],
  } as const;
  for (const [locale, [size, hours]] of Object.entries(sizes)) {
    const file = path.join(directory, `${locale}.pdf`);
    writeFileSync(file, await renderPdf(quote([line('Booth')], { event }), { ...branding, locale }));
    assert.match(execFileSync('pdfinfo', [file], { encoding: 'utf8' }), size);
    const text = execFileSync('pdftotext', ['-layout', file, '-'], { encoding: 'utf8' }).replaceAll(
      '\u00a0',
      ' ',
    );
    assert.ok(text.includes(hours), text);
  }
});

for (const [typeface, font] of [
  ['noto-sans', /NotoSans/],
  ['dejavu-sans', /DejaVuSans$/],
  ['dejavu-sans-condensed', /DejaVuSansCondensed/],
  ['dejavu-serif', /DejaVuSerif/],
] as const) {
  test(`the typeface ${typeface} prints every Latin letter, in its own face`, { skip }, async () => {
    // Latin-1, Latin Extended-A and what offices type; PDF readers write single accents and apostrophes in other ways.
    const letters = [...Array(0x17f - 0x21).keys()]
      .map((offset) => String.fromCodePoint(0x21 + offset))
      .filter((letter) => !/[\p{C}\p{Z}\p{Sk}']/u.test(letter));
    const text = `${letters.join(' ')} € – — “ ” ‘ ’ „ … • ×`;
    const { words, fonts } = await printed(quote([line('Letters', { description: text })]), {
      ...branding,
      typeface,
    });
    const found = countLetters(words.map(({ text }) => text).join(''));
    assert.deepEqual(
      [...countLetters(text).keys()].filter((letter) => !found.has(letter)),
      [],
    );
    assertApart(words);
    const used = fonts
      .split('\n')
      .slice(2)
      .map((row) => row.split(/\s+/)[0] ?? '');
    assert.ok(
      used.some((name) => font.test(name)),
      used.join(),
    );
    // The body is not in another face than the chosen one.
    assert.ok(typeface !== 'dejavu-serif' || !used.some((name) => /NotoSans/.test(name)), used.join());
  });
}
