import { Image, Text, View } from '@react-pdf/renderer';
import { formatMoment } from './dates-and-times';
import type { Branding, ContractDocument } from './model';
import { OccasionBlock } from './occasion';
import { Order } from './sales-document';
import { Section, Sheet, styles, Written } from './theme';
import { wordsOf } from './words';
import { WrittenHtml } from './written-html';

/**
 * A contract: its text, what was ordered, and, when signed, who signed, when, from where, and the hash of the text that was
 * signed.
 */
export function ContractSheet({ document, branding }: { document: ContractDocument; branding: Branding }) {
  const { signature, order } = document;
  const words = wordsOf(branding.locale);
  const event = order?.event ?? document.event;
  return (
    <Sheet
      branding={branding}
      title={document.title}
      facts={[[words.contract, document.number]]}
      number={`${words.contract} ${document.number}`}
    >
      <WrittenHtml html={document.bodyHtml} />
      {event ? (
        <View style={{ marginTop: 14 }}>
          <OccasionBlock label={words.event} occasion={event} locale={branding.locale} />
        </View>
      ) : null}
      {order ? (
        <Section title={`${words.order}${order.number ? ` · ${words.orderOf(order.number)}` : ''}`}>
          <Order document={order} branding={branding} />
        </Section>
      ) : null}
      <View style={{ marginTop: 24, borderTopWidth: 0.5, borderTopColor: '#d1d5db', paddingTop: 10 }}>
        {signature ? (
          <>
            {signature.drawn ? (
              <Image
                src={Buffer.from(signature.drawn)}
                style={{ height: 42, alignSelf: 'flex-start', objectFit: 'contain' }}
              />
            ) : (
              <Written
                style={{ ...styles.italic, fontSize: 18 }}
                text={signature.name}
                minPresenceAhead={40}
              />
            )}
            <Written
              style={styles.bold}
              text={`${signature.name}${signature.email ? ` <${signature.email}>` : ''}`}
              minPresenceAhead={30}
            />
            <Written
              text={words.signed(
                formatMoment(signature.signedAt, branding.locale, signature.timezone),
                signature.address ?? '',
              )}
            />
            <Written style={styles.muted} text={signature.consent} />
          </>
        ) : (
          <Text style={styles.muted}>{words.notSigned}</Text>
        )}
        <Written
          style={{ ...styles.muted, fontSize: 7, marginTop: 4 }}
          text={`${words.hash}: ${document.bodySha256}`}
          letters={80}
        />
      </View>
    </Sheet>
  );
}
