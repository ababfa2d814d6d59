import { View } from '@react-pdf/renderer';
import { formatDate, formatTime } from './dates-and-times';
import type { Branding, CrewBriefDocument, OrderedItem, PackingListDocument } from './model';
import { Columns, Section, Sheet, styles, Written } from './theme';
import { wordsOf } from './words';

const BOX = { width: 10, height: 10, borderWidth: 0.8, borderColor: '#6b7280', marginTop: 5 };
const ROW = { paddingVertical: 4, paddingRight: 6 };

/** What goes into the van, with a box to tick for each thing. */
export function PackingListSheet({
  document,
  branding,
}: {
  document: PackingListDocument;
  branding: Branding;
}) {
  const words = wordsOf(branding.locale);
  return (
    <Sheet
      branding={branding}
      title={words.packingList}
      facts={[[words.event, `${document.event.number} · ${document.event.title}`]]}
      number={`${words.packingList} ${document.event.number}`}
    >
      <Ordered order={document.order} branding={branding} />
      {document.departures.map((departure, index) => (
        <Section
          // biome-ignore lint/suspicious/noArrayIndexKey: departures are printed once, in their order
          key={index}
          title={[formatDate(departure.date, branding.locale), departure.place].filter(Boolean).join(' · ')}
        >
          {departure.booths.map((booth, boothIndex) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: two booths may have one name
            <View key={boothIndex}>
              <Written style={{ ...styles.bold, marginTop: 6 }} text={booth.name} minPresenceAhead={24} />
              {booth.items.map((item, itemIndex) => (
                <Columns
                  // biome-ignore lint/suspicious/noArrayIndexKey: two things may have one name
                  key={itemIndex}
                  widths={[5, 9, 86]}
                  style={styles.rule}
                  cells={[
                    <View key="box" style={BOX} />,
                    <Written key="quantity" style={ROW} text={`${item.quantity} ×`} letters={4} />,
                    <Written key="name" style={ROW} text={item.name} />,
                  ]}
                />
              ))}
            </View>
          ))}
        </Section>
      ))}
    </Sheet>
  );
}

/** For the crew: where, when, who, whom to call. */
export function CrewBriefSheet({ document, branding }: { document: CrewBriefDocument; branding: Branding }) {
  const words = wordsOf(branding.locale);
  const fact = (label: string, text: string, key: number) => (
    <Columns
      key={key}
      widths={[24, 76]}
      cells={[
        <Written key="label" style={styles.muted} text={label} letters={12} />,
        <Written key="text" text={text} />,
      ]}
    />
  );
  return (
    <Sheet
      branding={branding}
      title={words.crewBrief}
      facts={[[words.event, `${document.event.number} · ${document.event.title}`]]}
      number={`${words.crewBrief} ${document.event.number}`}
    >
      {document.days.map((day, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two dates may be on one day
        <Section key={index} title={formatDate(day.date, branding.locale, 'full')}>
          {day.place ? <Written style={styles.bold} text={day.place} /> : null}
          {day.address ? <Written text={day.address} /> : null}
          {day.times.map((time, at) => fact(time.label, formatTime(time.at, branding.locale), at))}
          {day.booths.map((booth, at) => fact(words.booth, booth, at))}
          {day.access ? <Written text={day.access} /> : null}
          <View style={{ marginTop: 4 }}>
            {day.crew.map((person, at) => (
              <Columns
                // biome-ignore lint/suspicious/noArrayIndexKey: a person may have two shifts
                key={at}
                widths={[34, 26, 18, 22]}
                style={styles.rule}
                cells={[
                  <Written key="name" style={ROW} text={person.name} letters={18} />,
                  <Written key="role" style={ROW} text={person.role} letters={13} />,
                  person.arrival && (
                    <Written
                      key="arrival"
                      style={ROW}
                      text={formatTime(person.arrival, branding.locale)}
                      letters={9}
                    />
                  ),
                  person.phone && <Written key="phone" style={ROW} text={person.phone} letters={11} />,
                ]}
              />
            ))}
          </View>
        </Section>
      ))}
      <Ordered order={document.order} branding={branding} />
      {document.event.guests === undefined ? null : (
        <View style={{ marginTop: 8 }}>{fact(words.guests, String(document.event.guests), 0)}</View>
      )}
      {document.contacts.length > 0 ? (
        <Section title={words.contacts}>
          {document.contacts.map((contact, at) =>
            fact(contact.label, [contact.name, contact.phone].filter(Boolean).join(' · '), at),
          )}
        </Section>
      ) : null}
      {document.event.dressCode ? (
        <View style={{ marginTop: 8 }}>{fact(words.dressCode, document.event.dressCode, 0)}</View>
      ) : null}
      {document.event.notes ? (
        <View style={{ marginTop: 8 }}>
          <Written text={document.event.notes} />
        </View>
      ) : null}
    </Sheet>
  );
}

/** Package, add-ons and what they contain, without prices. */
function Ordered({ order, branding }: { order: readonly OrderedItem[]; branding: Branding }) {
  if (order.length === 0) return null;
  return (
    <Section title={wordsOf(branding.locale).ordered}>
      {order.map((item, index) => (
        <Columns
          // biome-ignore lint/suspicious/noArrayIndexKey: two lines may be alike, and none moves on paper
          key={index}
          widths={[9, 91]}
          cells={[
            <Written key="quantity" style={ROW} text={`${item.quantity} ×`} letters={4} />,
            <Written
              key="name"
              style={ROW}
              text={[item.name, item.includes.join(', ')].filter(Boolean).join(': ')}
            />,
          ]}
        />
      ))}
    </Section>
  );
}
