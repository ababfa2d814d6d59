import type { Translation } from '../../i18n/translation';
import type { auditLog as english } from './words.en';

export const auditLog: Translation<typeof english> = {
  title: 'Audit-Protokoll',
  subtitle: 'Wer was woran getan hat, wann und von wo. Jeder Eintrag ist mit dem vorigen verkettet.',
  records: 'Einträge',
  chain: 'Kette und Prüfpunkte',
  filter: {
    who: 'Wer (Akteur oder E-Mail)',
    tenant: 'Mandant (Subdomain)',
    action: 'Aktion',
    entityId: 'Kennung des Gegenstands',
    since: 'Von',
    until: 'Bis',
  },
  id: 'Nr.',
  when: 'Wann',
  who: 'Wer',
  what: 'Was',
  tenant: 'Mandant',
  from: 'Von wo',
  record: 'Eintrag {{id}}',
  details: 'Angaben',
  before: 'Vorher',
  after: 'Nachher',
  prove: 'Diesen Eintrag nachweisen',
  proving: 'Das Protokoll wird gelesen …',
  proved: 'Der Eintrag ist Teil des signierten Protokolls.',
  download: 'Nachweis herunterladen',
  verify: 'Kette prüfen',
  sign: 'Prüfpunkt signieren',
  checkpoints: 'Signierte Prüfpunkte',
  noCheckpoints: 'Noch keine Prüfpunkte',
  noPlace:
    'Prüfpunkte stehen nur im Protokoll: Würden die letzten Einträge entfernt, wäre das nicht festzustellen. Setzen Sie AUDIT_CHECKPOINT_FILE, _SYSLOG oder _BUCKET.',
  places: 'Prüfpunkte gehen auch an {{places}}.',
  key: 'Öffentlicher Schlüssel:',
  covers: 'Erfasste Einträge',
  unchanged:
    'Nichts wurde geändert: {{records}} Einträge gelesen, {{checkpoints}} signierte Prüfpunkte stimmen überein.',
  problems_one: '{{count, number}} Problem:',
  problems_other: '{{count, number}} Probleme:',
  noneOutside:
    'Es wurde kein Prüfpunkt von außerhalb der Datenbank verglichen: Würden die letzten Einträge entfernt, wäre das nicht festzustellen.',
  login:
    'Das Login der Server kann Einträge nach dem letzten Prüfpunkt außerhalb der Datenbank unbemerkt ändern: {{rights}}.',
};
