import { Text, View } from '@react-pdf/renderer';
import type { Branding, CrewBriefDocument, PackingListDocument } from './model';
import { formatDate, Sheet, styles, Written } from './theme';
import { wordsOf } from './words';

const BOX = { width: 10, height: 10, borderWidth: 0.8, borderColor: '#6b7280', marginRight: 8, marginTop: 2 };

/** What goes into the van, with a box to tick for each thing. */
export function PackingListSheet({
  document,
  branding,
}: {
  document: PackingListDocument;
  branding: Branding;
}) {
  return (
    <Sheet
      branding={branding}
      title={wordsOf(branding.locale).packingList}
      facts={[[wordsOf(branding.locale).event, `${document.event.number} · ${document.event.title}`]]}
    >
      {document.departures.map((departure) => (
        <View key={`${departure.date}${departure.place}`}>
          <Text style={styles.heading}>
            {formatDate(departure.date, branding.locale)}
            {departure.place ? ` · ${departure.place}` : ''}
          </Text>
          {departure.booths.map((booth) => (
            <View key={booth.name}>
              <Written style={{ ...styles.bold, marginTop: 6 }} text={booth.name} />
              {booth.items.map((item) => (
                <View key={item.name} style={[styles.row, styles.rule, { paddingVertical: 4 }]} wrap={false}>
                  <View style={BOX} />
                  <Text style={{ width: 28 }}>{item.quantity} ×</Text>
                  <Written text={item.name} />
                </View>
              ))}
            </View>
          ))}
        </View>
      ))}
    </Sheet>
  );
}

/** One page for the crew: where, when, who, whom to call. */
export function CrewBriefSheet({ document, branding }: { document: CrewBriefDocument; branding: Branding }) {
  const words = wordsOf(branding.locale);
  return (
    <Sheet
      branding={branding}
      title={words.crewBrief}
      facts={[[words.event, `${document.event.number} · ${document.event.title}`]]}
    >
      {document.days.map((day) => (
        <View key={day.date} wrap={false}>
          <Text style={styles.heading}>{formatDate(day.date, branding.locale)}</Text>
          {day.place ? <Written style={styles.bold} text={day.place} /> : null}
          {day.address ? <Written text={day.address} /> : null}
          {day.times.map((time) => (
            <View key={time.label} style={styles.row}>
              <Text style={[styles.muted, { width: 90 }]}>{time.label}</Text>
              <Text>{time.at}</Text>
            </View>
          ))}
          {day.crew.map((person) => (
            <View key={person.name + person.role} style={[styles.row, styles.rule, { paddingVertical: 3 }]}>
              <Text style={{ width: '34%' }}>{person.name}</Text>
              <Text style={{ width: '26%' }}>{person.role}</Text>
              <Text style={{ width: '18%' }}>{person.arrival ?? ''}</Text>
              <Text style={{ width: '22%' }}>{person.phone ?? ''}</Text>
            </View>
          ))}
        </View>
      ))}
      <Text style={styles.heading}>{words.call}</Text>
      {document.contacts.map((contact) => (
        <Text key={contact.label}>
          <Text style={styles.muted}>{contact.label}: </Text>
          {contact.name} {contact.phone ?? ''}
        </Text>
      ))}
      {document.event.dressCode ? (
        <Text style={{ marginTop: 8 }}>
          {words.dressCode}: {document.event.dressCode}
        </Text>
      ) : null}
      {document.event.notes ? (
        <View style={{ marginTop: 8 }}>
          <Written text={document.event.notes} />
        </View>
      ) : null}
    </Sheet>
  );
}
