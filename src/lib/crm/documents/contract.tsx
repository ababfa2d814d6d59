import { Image, Text, View } from '@react-pdf/renderer';
import type { Branding, ContractDocument } from './model';
import { formatMoment, Sheet, styles, Written } from './theme';
import { wordsOf } from './words';
import { WrittenHtml } from './written-html';

/** A contract with, when signed, who signed, when, from where, and the hash of the text that was signed. */
export function ContractSheet({ document, branding }: { document: ContractDocument; branding: Branding }) {
  const { signature } = document;
  const words = wordsOf(branding.locale);
  return (
    <Sheet branding={branding} title={document.title} facts={[[words.contract, document.number]]}>
      <WrittenHtml html={document.bodyHtml} />
      <View
        wrap={false}
        style={{ marginTop: 24, borderTopWidth: 0.5, borderTopColor: '#d1d5db', paddingTop: 10 }}
      >
        {signature ? (
          <>
            {signature.drawn ? (
              <Image
                src={Buffer.from(signature.drawn)}
                style={{ height: 42, alignSelf: 'flex-start', objectFit: 'contain' }}
              />
            ) : (
              <Written style={{ ...styles.italic, fontSize: 18 }} text={signature.name} />
            )}
            <Text style={styles.bold}>
              {signature.name}
              {signature.email ? ` <${signature.email}>` : ''}
            </Text>
            <Text>
              {words.signed(formatMoment(signature.signedAt, branding.locale), signature.address ?? '')}
            </Text>
            <Text style={styles.muted}>{signature.consent}</Text>
          </>
        ) : (
          <Text style={styles.muted}>{words.notSigned}</Text>
        )}
        <Text style={[styles.muted, { fontSize: 7, marginTop: 4 }]}>
          {words.hash}: {document.bodySha256}
        </Text>
      </View>
    </Sheet>
  );
}
