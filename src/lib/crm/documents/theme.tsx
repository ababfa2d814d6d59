import { Document, Image, Page, StyleSheet, Text, type TextProps, View } from '@react-pdf/renderer';
import type { ReactNode } from 'react';
import { inkOfColor } from '../colors';
import { breakLongWords, familiesOf } from './fonts';
import type { Branding, Party } from './model';

// No lineHeight on the page: with one, react-pdf loses the text of page numbers (`render`).
export const styles = StyleSheet.create({
  page: {
    fontSize: 9,
    color: '#1f2430',
    padding: 44,
    paddingBottom: 64,
  },
  header: { marginBottom: 24 },
  logo: { height: 48, width: 180, marginBottom: 6, objectFit: 'contain', objectPosition: '0% 50%' },
  company: { fontSize: 13, fontWeight: 700, lineHeight: 1.3, marginBottom: 3 },
  muted: { color: '#5b6270' },
  title: { fontSize: 20, fontWeight: 700, lineHeight: 1.3, marginBottom: 3 },
  heading: { fontSize: 11, fontWeight: 700, marginTop: 14, marginBottom: 4 },
  row: { flexDirection: 'row' },
  cell: { paddingVertical: 5, paddingHorizontal: 4 },
  sum: { paddingVertical: 4, paddingHorizontal: 4 },
  rule: { borderBottomWidth: 0.5, borderBottomColor: '#d1d5db' },
  right: { textAlign: 'right' },
  bold: { fontWeight: 700 },
  italic: { fontStyle: 'italic' },
  footer: { position: 'absolute', bottom: 28, fontSize: 8, color: '#5b6270' },
});

/** The page every document stands on: the company’s name, logo and color above, page numbers below. */
export function Sheet(props: {
  branding: Branding;
  title: string;
  facts: [string, string][];
  /** The document’s number, on every page. */
  number?: string | undefined;
  children: ReactNode;
}) {
  const { branding, title, facts, number } = props;
  const isShort = title.length < 40;
  return (
    <Document title={title} author={branding.companyName} creator="Marquee" language={branding.locale}>
      <Page
        size={paperOf(branding.locale)}
        style={{ ...styles.page, fontFamily: familiesOf(branding.typeface) }}
        experimentalPagination
      >
        <Columns
          widths={[56, 44]}
          style={styles.header}
          cells={[
            <View key="company">
              {branding.logo ? <Image style={styles.logo} src={Buffer.from(branding.logo)} /> : null}
              <Written style={styles.company} text={branding.companyName} />
              <Lines of={branding.companyLines} />
            </View>,
            <View key="title">
              <Written
                style={{
                  ...styles.title,
                  ...styles.right,
                  fontSize: isShort ? 20 : 14,
                  color: inkOfColor(branding.primaryColor),
                }}
                text={title}
                letters={isShort ? 11 : 16}
              />
              {facts.map(([label, value]) => (
                <Written key={label} style={styles.right} text={`${label}  ${value}`} letters={22} />
              ))}
            </View>,
          ]}
        />
        {props.children}
        <Text style={[styles.footer, { left: 44, width: 400 }]} fixed>
          {[branding.companyName, number].filter(Boolean).join(' · ')}
        </Text>
        <Text
          style={[styles.footer, styles.right, { right: 44, width: 80 }]}
          render={({ pageNumber, totalPages }) => `${pageNumber} / ${totalPages}`}
          fixed
        />
      </Page>
    </Document>
  );
}

/**
 * Cells beside one another. Each is as wide as the row and keeps to its column by padding: on the next page of a row that
 * breaks, the cells that have ended are gone, and the others must not move.
 *
 * @param widths of the columns, per cent
 * @param cells nothing where a column is empty
 */
export function Columns(props: {
  widths: number[];
  cells: ReactNode[];
  style?: Style | Style[];
  isRightToLeft?: boolean;
  fixed?: boolean;
}) {
  const { widths, cells, style = {}, isRightToLeft = false, ...more } = props;
  let before = 0;
  return (
    <View style={[styles.row, ...[style].flat()]} {...more}>
      {cells.map((cell, index) => {
        const width = widths[index] ?? 0;
        const [start, end] = [`${before}%`, `${100 - before - width}%`];
        before += width;
        if (!cell) return null;
        const sides = isRightToLeft
          ? { paddingLeft: end, paddingRight: start }
          : { paddingLeft: start, paddingRight: end };
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: the cells of a row have no other identity
          <View key={index} style={{ ...sides, ...CELL }}>
            {cell}
          </View>
        );
      })}
    </View>
  );
}

const CELL = { width: '100%', flexShrink: 0, marginRight: '-100%' };

export function Lines({ of, letters }: { of: string[]; letters?: number }) {
  return of.map((line, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the lines of an address have no other identity
    <Written key={index} style={styles.muted} text={line} {...(letters ? { letters } : {})} />
  ));
}

/**
 * Free text as paragraphs, each in the direction of its first letter.
 *
 * @param letters how many letters certainly fit into a line; by default of half a page
 */
export function Written({
  text,
  style = {},
  letters,
  ...more
}: {
  text: string;
  style?: Style;
  letters?: number;
  minPresenceAhead?: number;
}) {
  return text.split('\n').map((paragraph, index) => (
    <Text
      // biome-ignore lint/suspicious/noArrayIndexKey: the paragraphs of a text have no other identity
      key={index}
      style={[{ textAlign: 'left', direction: directionOf(paragraph) }, style]}
      {...(letters ? { hyphenationCallback: breakLongWords(letters) } : {})}
      {...more}
    >
      {paragraph}
    </Text>
  ));
}

/** The direction of the first letter that has one (UAX #9, P2 and P3). */
export function directionOf(text: string): 'ltr' | 'rtl' {
  const [first = ''] = /\p{L}/u.exec(text) ?? [];
  return /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u.test(first)
    ? 'rtl'
    : 'ltr';
}

export type Style = Exclude<NonNullable<TextProps['style']>, unknown[]>;

/** A heading with what it is about; it never stands alone at the foot of a page. */
export function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <View>
      <Text style={styles.heading} minPresenceAhead={30}>
        {title}
      </Text>
      {children}
    </View>
  );
}

export function PartyBlock({ label, party }: { label: string; party: Party }) {
  return (
    <View style={{ paddingRight: 12 }}>
      <Text style={styles.muted}>{label}</Text>
      <Written style={styles.bold} text={party.name} />
      <Lines of={party.lines} />
    </View>
  );
}

/** The paper size of a locale’s country. */
function paperOf(locale: string): 'LETTER' | 'A4' {
  const region = new Intl.Locale(locale).maximize().region ?? '';
  return ['US', 'CA', 'MX'].includes(region) ? 'LETTER' : 'A4';
}
