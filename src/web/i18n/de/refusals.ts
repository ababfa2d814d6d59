import type { refusals as english } from '../en/refusals';
import type { Translation } from '../translation';

export const refusals: Translation<typeof english> = {
  refusal: {
    needed: 'Füllen Sie „{{field}}“ aus.',
    empty: 'Füllen Sie „{{field}}“ aus.',
    text: 'Füllen Sie „{{field}}“ aus, mit höchstens 100.000 Zeichen.',
    too_long: '„{{field}}“ ist zu lang. Kürzen Sie den Text.',
    choice: 'Wählen Sie für „{{field}}“ einen der angebotenen Werte.',
    money: '„{{field}}“ muss ein Betrag sein, der nicht negativ und nicht zu groß ist. Berichtigen Sie ihn.',
    number: '„{{field}}“ ist zu klein oder zu groß. Berichtigen Sie die Zahl.',
    percent: '„{{field}}“ muss ein Prozentsatz von 0 bis 100 sein.',
    format: '„{{field}}“ hat nicht die richtige Form. Berichtigen Sie die Eingabe.',
    order:
      '„{{field}}“ darf nicht vor dem ersten Tag liegen und nicht zu lange danach. Berichtigen Sie die Daten.',
    falling:
      'Die Tage vor der Veranstaltung müssen von fällig über dringend bis versäumt abnehmen. Berichtigen Sie „{{field}}“.',
    date_far: '„{{field}}“ ist zu weit von heute entfernt. Prüfen Sie das Jahr.',
    who: 'Wählen Sie einen Kunden oder einen Kontakt.',
    belongs: 'Wählen Sie die Veranstaltung oder die Chance, zu der der Termin gehört.',
    line_refers: 'Wählen Sie ein Paket, ein Extra oder ein Produkt von der Art der Position.',
    optional: 'Ein Rabatt kann kein wählbares Extra sein. Wählen Sie eine andere Art von Position.',
    own_action:
      '„{{field}}“ lässt sich nicht von Hand auf diesen Wert setzen. Verwenden Sie die Schaltfläche dafür auf der Seite.',
    entity: 'Wählen Sie die Art des Eintrags und den Eintrag, oder keines von beiden.',
    value: '„{{field}}“ ist nicht gültig. Berichtigen Sie die Eingabe.',
    duplicate:
      'Es gibt schon einen Eintrag mit gleichem Wert in „{{field}}“. Wählen Sie einen anderen, oder öffnen Sie den vorhandenen.',
    exists: 'Das gibt es schon. Öffnen Sie den vorhandenen Eintrag.',
    one_default:
      'Ein anderer Eintrag ist schon mit „{{field}}“ markiert. Entfernen Sie dort zuerst die Markierung.',
    one_document: 'An seiner Stelle gibt es schon einen Eintrag ({{other}}). Öffnen Sie diesen.',
    in_use: 'Dies wird noch verwendet von: {{other}}. Ändern oder entfernen Sie diese zuerst.',
    missing: 'Was Sie für „{{field}}“ gewählt haben, gibt es nicht mehr. Wählen Sie etwas anderes.',
    taken: 'Zu dieser Zeit ist das schon gebucht. Wählen Sie eine andere Zeit oder etwas anderes.',
    too_large: '„{{field}}“ ist zu groß. Geben Sie eine kleinere Zahl ein.',
    wrong_form: '„{{value}}“ passt nicht zu „{{field}}“. Berichtigen Sie die Eingabe.',
    character:
      'Der Text enthält ein Zeichen, das nicht gespeichert werden kann. Entfernen Sie es und versuchen Sie es noch einmal.',
    twice:
      'Derselbe Eintrag wurde zweimal gesendet. Laden Sie die Seite neu und versuchen Sie es noch einmal.',
    permission: 'Ihre Rolle erlaubt das nicht.',
    request_large: 'Das ist zu viel auf einmal. Versuchen Sie es mit weniger.',
    timeout:
      'Das hat zu lange gedauert und wurde abgebrochen. Nichts wurde geändert. Versuchen Sie es mit weniger.',
    contention:
      'Jemand anderes hat gerade denselben Eintrag geändert. Nichts wurde geändert. Versuchen Sie es noch einmal.',
    aField: 'ein Feld',
    otherRecords: 'andere Einträge',
  },
};
