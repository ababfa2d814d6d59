import { Document, Page, Path, Svg, Text, View } from '@react-pdf/renderer';
import encodeQR from 'qr';
import type { Branding, LabelSheet, LabelsDocument } from './model';
import { styles } from './theme';
import { wordsOf } from './words';

const MM = 72 / 25.4;

/** Sheets of labels as office shops sell them; lengths in points. */
const SHEETS: Record<
  LabelSheet,
  {
    size: 'A4' | 'LETTER';
    columns: number;
    rows: number;
    width: number;
    height: number;
    left: number;
    top: number;
    gap: number;
  }
> = {
  // 3 × 8 labels of 70 × 37 mm without a border (Avery 3474 and alike).
  'a4-24': {
    size: 'A4',
    columns: 3,
    rows: 8,
    width: 70 * MM,
    height: 37 * MM,
    left: 0,
    top: 0.5 * MM,
    gap: 0,
  },
  // 3 × 10 labels of 2⅝ × 1 inch (Avery 5160 and alike).
  'letter-30': { size: 'LETTER', columns: 3, rows: 10, width: 189, height: 72, left: 13.5, top: 36, gap: 9 },
};

/** Labels for booths and equipment: a code that opens the thing's page, and what people read beside it. */
export function LabelsSheet({ document, branding }: { document: LabelsDocument; branding: Branding }) {
  const sheet = SHEETS[document.sheet];
  const perPage = sheet.columns * sheet.rows;
  const pages = Array.from({ length: Math.ceil(document.labels.length / perPage) }, (_, index) =>
    document.labels.slice(index * perPage, (index + 1) * perPage),
  );
  return (
    <Document
      title={wordsOf(branding.locale).labels}
      author={branding.companyName}
      creator="Marquee"
      language={branding.locale}
    >
      {pages.map((labels) => (
        <Page key={labels[0]?.address} size={sheet.size} style={{ fontFamily: styles.page.fontFamily }}>
          {labels.map((label, index) => (
            <View
              key={label.address}
              style={{
                position: 'absolute',
                left: sheet.left + (index % sheet.columns) * (sheet.width + sheet.gap),
                top: sheet.top + Math.floor(index / sheet.columns) * sheet.height,
                width: sheet.width,
                height: sheet.height,
                padding: 6,
                flexDirection: 'row',
                alignItems: 'center',
                overflow: 'hidden',
              }}
            >
              <Code text={label.address} size={sheet.height - 14} />
              <View style={{ flex: 1, paddingLeft: 7 }}>
                <Text style={{ fontSize: 11, fontWeight: 700, maxLines: 2, textOverflow: 'ellipsis' }}>
                  {label.title}
                </Text>
                <Text style={{ fontSize: 8, marginTop: 2, maxLines: 2, textOverflow: 'ellipsis' }}>
                  {label.subtitle}
                </Text>
                <Text style={[styles.muted, { fontSize: 6.5, marginTop: 3, maxLines: 1 }]}>
                  {branding.companyName}
                </Text>
              </View>
            </View>
          ))}
        </Page>
      ))}
    </Document>
  );
}

/** A QR code as one path, which printers draw sharper than a picture. */
function Code({ text, size }: { text: string; size: number }) {
  const modules = encodeQR(text, 'raw', { ecc: 'medium', border: 2 });
  const squares = modules
    .flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : '')))
    .join('');
  return (
    <Svg width={size} height={size} viewBox={`0 0 ${modules.length} ${modules.length}`}>
      <Path d={squares} fill="#000000" />
    </Svg>
  );
}
