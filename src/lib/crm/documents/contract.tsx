import { Image, Text, View } from '@react-pdf/renderer';
import { htmlBlocks } from './html';
import type { Branding, ContractDocument } from './model';
import { Sheet, styles } from './theme';

/** A contract with, when signed, who signed, when, from where, and the hash of the text that was signed. */
export function ContractSheet({ document, branding }: { document: ContractDocument; branding: Branding }) {
  const { signature } = document;
  return (
    <Sheet branding={branding} title={document.title} facts={[['Contract', document.number]]}>
      {htmlBlocks(document.bodyHtml).map((block, index) =>
        block.kind === 'heading' ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: the blocks of a text have no other identity
          <Text key={index} style={styles.heading} minPresenceAhead={40}>
            {block.text}
          </Text>
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: the blocks of a text have no other identity
          <Text key={index} style={{ marginBottom: 6, marginLeft: block.kind === 'item' ? 12 : 0 }}>
            {block.kind === 'item' ? `•  ${block.text}` : block.text}
          </Text>
        ),
      )}
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
              <Text style={[styles.italic, { fontSize: 18 }]}>{signature.name}</Text>
            )}
            <Text style={styles.bold}>
              {signature.name}
              {signature.email ? ` <${signature.email}>` : ''}
            </Text>
            <Text>
              Signed {signature.signedAt}
              {signature.address ? ` from ${signature.address}` : ''}
            </Text>
            <Text style={styles.muted}>{signature.consent}</Text>
          </>
        ) : (
          <Text style={styles.muted}>Not signed yet.</Text>
        )}
        <Text style={[styles.muted, { fontSize: 7, marginTop: 4 }]}>
          SHA-256 of the text: {document.bodySha256}
        </Text>
      </View>
    </Sheet>
  );
}
