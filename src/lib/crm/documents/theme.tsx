import { createRequire } from 'node:module';
import { Document, Font, Image, Page, StyleSheet, Text, type TextProps, View } from '@react-pdf/renderer';
import type { ReactNode } from 'react';
import type { Branding, Party } from './model';

const require = createRequire(import.meta.url);
const noto = (face: string) => require.resolve(`@expo-google-fonts/noto-sans/${face}`);
const dejavu = (face: string) => require.resolve(`dejavu-fonts-ttf/ttf/${face}`);

Font.register({
  family: 'Noto Sans',
  fonts: [
    { src: noto('400Regular/NotoSans_400Regular.ttf') },
    { src: noto('700Bold/NotoSans_700Bold.ttf'), fontWeight: 700 },
    { src: noto('400Regular_Italic/NotoSans_400Regular_Italic.ttf'), fontStyle: 'italic' },
    { src: noto('700Bold_Italic/NotoSans_700Bold_Italic.ttf'), fontWeight: 700, fontStyle: 'italic' },
  ],
});
// Arabic, Hebrew and symbols that Noto Sans leaves to its sister fonts.
Font.register({
  family: 'DejaVu Sans',
  fonts: [
    { src: dejavu('DejaVuSans.ttf') },
    { src: dejavu('DejaVuSans-Bold.ttf'), fontWeight: 700 },
    { src: dejavu('DejaVuSans-Oblique.ttf'), fontStyle: 'italic' },
    { src: dejavu('DejaVuSans-BoldOblique.ttf'), fontWeight: 700, fontStyle: 'italic' },
  ],
});
// A word is broken only where it cannot fit at all: names and numbers are read, not hyphenated.
Font.registerHyphenationCallback((word) => [word]);

// No lineHeight on the page: with one, react-pdf loses the text of page numbers (`render`).
export const styles = StyleSheet.create({
  page: {
    fontFamily: ['Noto Sans', 'DejaVu Sans'],
    fontSize: 9,

    color: '#1f2430',
    padding: 44,
    paddingBottom: 64,
  },
  header: { flexDirection: 'row', justifyContent: 'space-between', marginBottom: 24 },
  logo: { maxHeight: 48, maxWidth: 180, marginBottom: 6, objectFit: 'contain', alignSelf: 'flex-start' },
  company: { fontSize: 13, fontWeight: 700, lineHeight: 1.3, marginBottom: 3 },
  muted: { color: '#6b7280' },
  title: { fontSize: 20, fontWeight: 700, lineHeight: 1.3, marginBottom: 3 },
  heading: { fontSize: 11, fontWeight: 700, marginTop: 14, marginBottom: 4 },
  row: { flexDirection: 'row' },
  cell: { paddingVertical: 5, paddingHorizontal: 4 },
  rule: { borderBottomWidth: 0.5, borderBottomColor: '#d1d5db' },
  right: { textAlign: 'right' },
  bold: { fontWeight: 700 },
  italic: { fontStyle: 'italic' },
  footer: { position: 'absolute', bottom: 28, width: 240, fontSize: 8, color: '#6b7280' },
});

/** The page every document stands on: the tenant's name, logo and colour above, page numbers below. */
export function Sheet(props: {
  branding: Branding;
  title: string;
  facts: [string, string][];
  children: ReactNode;
}) {
  const { branding, title, facts } = props;
  return (
    <Document title={title} author={branding.companyName} creator="Marquee" language={branding.locale}>
      <Page size={branding.locale.endsWith('-US') ? 'LETTER' : 'A4'} style={styles.page}>
        <View style={styles.header}>
          <View style={{ maxWidth: '55%' }}>
            {branding.logo ? <Image style={styles.logo} src={Buffer.from(branding.logo)} /> : null}
            <Written style={styles.company} text={branding.companyName} />
            <Lines of={branding.companyLines} />
          </View>
          <View style={{ maxWidth: '42%' }}>
            <Text style={[styles.title, styles.right, { color: branding.primaryColor }]}>{title}</Text>
            {facts.map(([label, value]) => (
              <Text key={label} style={styles.right}>
                <Text style={[styles.muted, styles.right]}>{label} </Text>
                {value}
              </Text>
            ))}
          </View>
        </View>
        {props.children}
        <Text style={[styles.footer, { left: 44 }]} fixed>
          {branding.companyName}
        </Text>
        <Text
          style={[styles.footer, styles.right, { right: 44 }]}
          render={({ pageNumber, totalPages }) => `${pageNumber} / ${totalPages}`}
          fixed
        />
      </Page>
    </Document>
  );
}

export function Lines({ of }: { of: string[] }) {
  return of.map((line, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the lines of an address have no other identity
    <Written key={index} style={styles.muted} text={line} />
  ));
}

/** Free text as paragraphs, each in the direction of its first letter. */
export function Written({
  text,
  style = {},
  ...more
}: {
  text: string;
  style?: Style;
  minPresenceAhead?: number;
}) {
  return text.split('\n').map((paragraph, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the paragraphs of a text have no other identity
    <Text key={index} style={[{ textAlign: 'left', direction: directionOf(paragraph) }, style]} {...more}>
      {paragraph}
    </Text>
  ));
}

/** Of the first letter that has one (UAX #9, P2 and P3). */
export function directionOf(text: string): 'ltr' | 'rtl' {
  const [first = ''] = /\p{L}/u.exec(text) ?? [];
  return /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u.test(first)
    ? 'rtl'
    : 'ltr';
}

type Style = Exclude<NonNullable<TextProps['style']>, unknown[]>;

export function PartyBlock({ label, party }: { label: string; party: Party }) {
  return (
    <View style={{ flexGrow: 1, flexBasis: 0, paddingRight: 12 }}>
      <Text style={styles.muted}>{label}</Text>
      <Written style={styles.bold} text={party.name} />
      <Lines of={party.lines} />
    </View>
  );
}

/** A date without a time, as the locale writes it; a date has no timezone, so none may shift it. */
export function formatDate(iso: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone: 'UTC' }).format(
    new Date(`${iso.slice(0, 10)}T00:00:00Z`),
  );
}

/** A moment as evidence: to the second, in UTC. */
export function formatMoment(iso: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeStyle: 'long', timeZone: 'UTC' }).format(
    new Date(iso),
  );
}
