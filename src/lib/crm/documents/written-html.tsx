// The text of a contract as it is set in a PDF: every tag that the sanitizer lets through.
import { Link, StyleSheet, Text, View } from '@react-pdf/renderer';
import { DomUtils, ElementType, parseDocument } from 'htmlparser2';
import type { ReactNode } from 'react';
import { breakLongWords } from './fonts';
import { sanitizeDocumentHtml } from './html';
import { Columns, directionOf, styles } from './theme';

type Node = ReturnType<typeof parseDocument>['children'][number];
type Element = Extract<Node, { attribs: unknown }>;

function isElement(node: Node): node is Element {
  return node.type === ElementType.Tag;
}

/** A piece of a paragraph. */
interface Span {
  text: string;
  marks: Marks;
}

interface Marks {
  bold?: boolean;
  italic?: boolean;
  underlined?: boolean;
  /** An absolute URL. */
  href?: string;
}

/** Where text stands: what its paragraphs look like. */
interface Place {
  heading?: boolean;
  /** Points below a paragraph. */
  gap: number;
  depth: number;
  /** Points of a line. */
  width: number;
}

/** Tags that are nested deeper are ignored, so that no text exhausts the stack. */
const MAX_NESTING = 100;
/** Lists, tables and quotations that are nested deeper are set as paragraphs. */
const MAX_DEPTH = 12;
const MAX_COLUMNS = 40;
/** Points of a line on the narrower paper. */
const PAGE_WIDTH = 507;
/** Points of the widest letter; and how many letters a line has at least. */
const LETTER_WIDTH = 8.7;
const FEWEST_LETTERS = 2;
/** Points for the sign before an item. */
const BULLET_WIDTH = 20;

const look = StyleSheet.create({
  list: { marginBottom: 3 },
  bullet: { textAlign: 'right', paddingHorizontal: 4 },
  quotation: {
    marginBottom: 6,
    paddingLeft: 10,
    borderLeftWidth: 1.5,
    borderLeftColor: '#d1d5db',
    color: '#4b5563',
  },
  table: { marginBottom: 8, borderTopWidth: 0.5, borderLeftWidth: 0.5, borderColor: '#d1d5db' },
  cell: {
    flexGrow: 1,
    paddingVertical: 3,
    paddingHorizontal: 4,
    borderRightWidth: 0.5,
    borderBottomWidth: 0.5,
    borderColor: '#d1d5db',
  },
  header: { backgroundColor: '#f3f4f6' },
  rule: { marginVertical: 6 },
  link: { color: '#1d4ed8', textDecoration: 'underline' },
});

/** HTML of a template or contract: headings, bold and italic text, links, lists, tables, quotations. Sanitized here. */
export function WrittenHtml({ html }: { html: string }) {
  return flow(parseDocument(sanitizeDocumentHtml(html, MAX_NESTING)).children, {
    gap: 6,
    depth: 0,
    width: PAGE_WIDTH,
  });
}

/** Nodes as blocks below one another. What stands between two blocks is a paragraph. */
function flow(nodes: Node[], place: Place, marks: Marks = {}): ReactNode[] {
  const made: ReactNode[] = [];
  let spans: Span[] = [];
  const endParagraph = (where = place) => {
    const lines = linesOf(spans);
    spans = [];
    if (lines.length > 0) made.push(<Paragraph key={made.length} lines={lines} place={where} />);
  };
  const walk = (children: Node[], current: Marks) => {
    for (const node of children) {
      if (node.type === ElementType.Text)
        spans.push({ text: node.data.replace(/[ \t\r\n\f]+/g, ' '), marks: current });
      if (!isElement(node)) continue;
      if (node.name === 'br') spans.push({ text: '\n', marks: current });
      else if (!BLOCKS.has(node.name)) walk(node.children, { ...current, ...marksOf(node) });
      else {
        endParagraph();
        const block = place.depth < MAX_DEPTH ? blockOf(node, place, current) : undefined;
        if (block) made.push(<View key={made.length}>{block}</View>);
        else {
          walk(node.children, current);
          endParagraph({ ...place, heading: /^h[1-3]$/.test(node.name) });
        }
      }
    }
  };
  walk(nodes, marks);
  endParagraph();
  return made;
}

const BLOCKS = new Set('p h1 h2 h3 ul ol li blockquote table thead tbody tr th td hr'.split(' '));

function marksOf({ name, attribs }: Element): Marks {
  if (name === 'b' || name === 'strong') return { bold: true };
  if (name === 'i' || name === 'em') return { italic: true };
  if (name === 'u') return { underlined: true };
  return name === 'a' && URL.canParse(attribs.href ?? '') ? { href: attribs.href } : {};
}

/** Undefined for what is a paragraph. */
function blockOf(node: Element, { depth, width }: Place, marks: Marks): ReactNode {
  const inside = { gap: 2, depth: depth + 1, width };
  switch (node.name) {
    case 'ul':
    case 'ol':
      return <List list={node} place={inside} marks={marks} />;
    case 'blockquote':
      return (
        <View style={look.quotation}>{flow(node.children, { ...inside, width: width - 12 }, marks)}</View>
      );
    case 'table':
      return <Table table={node} place={{ ...inside, gap: 0 }} marks={marks} />;
    case 'hr':
      return <View style={[styles.rule, look.rule]} />;
  }
  return undefined;
}

interface BlockProperties {
  place: Place;
  marks: Marks;
}

function List({ list, place, marks }: { list: Element } & BlockProperties) {
  const items = list.children.filter((child) => !isBlank(child));
  const bullet = (100 * BULLET_WIDTH) / place.width;
  const inside = { ...place, width: place.width - BULLET_WIDTH };
  return (
    <View style={look.list}>
      {items.map((item, index) => (
        <Columns
          // biome-ignore lint/suspicious/noArrayIndexKey: the items of a text have no other identity
          key={index}
          widths={[bullet, 100 - bullet]}
          isRightToLeft={directionOf(DomUtils.textContent(item)) === 'rtl'}
          cells={[
            <Text key="sign" style={look.bullet}>
              {list.name === 'ol' ? `${index + 1}.` : '•'}
            </Text>,
            <View key="item">{flow(isItem(item) ? item.children : [item], inside, marks)}</View>,
          ]}
        />
      ))}
    </View>
  );
}

function isItem(node: Node): node is Element {
  return isElement(node) && node.name === 'li';
}

function isBlank(node: Node): boolean {
  return !isElement(node) && DomUtils.textContent(node).trim() === '';
}

/** Columns are equally wide. */
function Table({ table, place, marks }: { table: Element } & BlockProperties) {
  const rows = DomUtils.getElementsByTagName('tr', table.children)
    .filter((row) => closestTable(row) === table)
    .map((row) => row.children.filter(isCell));
  const columns = Math.max(1, ...rows.map((cells) => cells.reduce((sum, cell) => sum + widthOf(cell), 0)));
  return (
    <View style={look.table}>
      {rows.map((cells, rowIndex) => (
        <Columns
          // biome-ignore lint/suspicious/noArrayIndexKey: the rows of a text have no other identity
          key={rowIndex}
          widths={cells.map((cell) => (100 * widthOf(cell)) / columns)}
          cells={cells.map((cell, index) => {
            const isHeader = cell.name === 'th';
            const inside = { ...place, width: (place.width * widthOf(cell)) / columns - 8 };
            return (
              // biome-ignore lint/suspicious/noArrayIndexKey: the cells of a text have no other identity
              <View key={index} style={[look.cell, isHeader ? look.header : {}]}>
                {flow(cell.children, inside, isHeader ? { ...marks, bold: true } : marks)}
              </View>
            );
          })}
        />
      ))}
    </View>
  );
}

function isCell(node: Node): node is Element {
  return isElement(node) && (node.name === 'td' || node.name === 'th');
}

function widthOf({ attribs }: Element): number {
  return Math.min(Math.max(Math.trunc(Number(attribs.colspan ?? 1)) || 1, 1), MAX_COLUMNS);
}

function closestTable(row: Element): unknown {
  let above = row.parent;
  while (above && !(above.type === ElementType.Tag && above.name === 'table')) above = above.parent;
  return above;
}

/** Each line in the direction of its first letter. */
function Paragraph({ lines, place }: { lines: Span[][]; place: Place }) {
  return (
    <View style={place.heading ? styles.heading : { marginBottom: place.gap }}>
      {lines.map((spans, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the lines of a text have no other identity
        <Line key={index} spans={spans} place={place} />
      ))}
    </View>
  );
}

function Line({ spans, place }: { spans: Span[]; place: Place }) {
  const direction = directionOf(spans.map(({ text }) => text).join(''));
  const letters = Math.max(FEWEST_LETTERS, Math.floor(place.width / LETTER_WIDTH));
  return (
    <Text
      style={{ direction, textAlign: direction === 'rtl' ? 'right' : 'left' }}
      hyphenationCallback={breakLongWords(letters)}
      {...(place.heading ? { minPresenceAhead: 40 } : {})}
    >
      {spans.map(({ text, marks }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the spans of a text have no other identity
        <Marked key={index} marks={marks} text={text} />
      ))}
    </Text>
  );
}

function Marked({ text, marks }: Span) {
  const { bold, italic, underlined, href } = marks;
  // Each element costs a run of the layout.
  if (!bold && !italic && !underlined && !href) return text;
  const style = {
    ...(bold ? styles.bold : {}),
    ...(italic ? styles.italic : {}),
    ...(underlined ? { textDecoration: 'underline' as const } : {}),
  };
  if (!href) return <Text style={style}>{text}</Text>;
  return (
    <Link src={href} style={[look.link, style]}>
      {text}
    </Link>
  );
}

/** Spans in lines as a browser shows them: no blanks at either end, none twice. Empty where there is nothing to read. */
function linesOf(spans: Span[]): Span[][] {
  const lines: Span[][] = [[]];
  for (const { text, marks } of spans) {
    const line = lines.at(-1) ?? [];
    if (text === '\n') lines.push([]);
    else {
      const before = line.at(-1)?.text ?? ' ';
      const rest = before.endsWith(' ') ? text.replace(/^ /, '') : text;
      if (rest) line.push({ text: rest, marks });
    }
  }
  for (const line of lines) {
    const last = line.at(-1);
    if (last) last.text = last.text.replace(/ $/, '');
  }
  return lines.some((line) => line.some(({ text }) => text.trim())) ? lines : [];
}
