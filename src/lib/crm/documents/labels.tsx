import { Canvas, Document, Page, Text, View } from '@react-pdf/renderer';
import encodeQR from 'qr';
import { breakLongWords, FAMILIES } from './fonts';
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
  // Beside the code; a label has three parts of text, the last of one line.
  const room = sheet.width - sheet.height - 5;
  const height = sheet.height - 24;
  const lines = { title: height * 0.55, subtitle: height * 0.45 };
  return (
    <Document
      title={wordsOf(branding.locale).labels}
      author={branding.companyName}
      creator="Marquee"
      language={branding.locale}
    >
      {pages.map((labels) => (
        <Page key={labels[0]?.address} size={sheet.size} style={{ fontFamily: FAMILIES }}>
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
                <Fitted text={label.title} size={11} width={room} height={lines.title} isBold />
                <Fitted text={label.subtitle} size={8} width={room} height={lines.subtitle} />
                <Text
                  style={[
                    styles.muted,
                    { fontSize: 6.5, marginTop: 3, maxLines: 1, textOverflow: 'ellipsis' },
                  ]}
                >
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

/** Width of a letter, and height of a line, as parts of the font's size. */
const LETTER = 0.62;
const LINE = 1.4;
/** Points: the smallest print that is read. Longer text ends in an ellipsis; the code opens all of it. */
const SMALLEST = 3.5;

/** Text in as large a print as its place allows. */
function Fitted(props: { text: string; size: number; width: number; height: number; isBold?: boolean }) {
  const { text, size, width, height, isBold = false } = props;
  const linesAt = (points: number) => Math.max(1, Math.floor(height / (points * LINE)));
  const fits = (points: number) => Math.floor(width / (points * LETTER)) * linesAt(points) >= text.length;
  let fontSize = size;
  while (fontSize > SMALLEST && !fits(fontSize)) fontSize -= 0.5;
  return (
    <Text
      style={{
        fontSize,
        marginTop: 1,
        maxLines: linesAt(fontSize),
        textOverflow: 'ellipsis',
        ...(isBold ? styles.bold : {}),
      }}
      hyphenationCallback={breakLongWords(Math.floor(width / fontSize))}
    >
      {text}
    </Text>
  );
}

/** A QR code, drawn row by row: each run of dark modules is one rectangle, which printers draw sharper than a picture. */
function Code({ text, size }: { text: string; size: number }) {
  const modules = encodeQR(text, 'raw', { ecc: 'medium', border: 2 });
  const module = size / modules.length;
  return (
    <Canvas
      style={{ width: size, height: size }}
      paint={(painter) => {
        modules.forEach((row, y) => {
          for (let x = 0; x < row.length; x += 1) {
            if (!row[x]) continue;
            const from = x;
            while (row[x + 1]) x += 1;
            painter.rect(from * module, y * module, (x + 1 - from) * module, module);
          }
        });
        painter.fill('#000000');
        return null;
      }}
    />
  );
}
