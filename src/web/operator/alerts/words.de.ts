import type { Translation } from '../../i18n/translation';
import type { alerts as english } from './words.en';

export const alerts: Translation<typeof english> = {
  title: 'Alarme',
  list: 'Alarme',
  all: 'Auch bestätigte',
  none: 'Keine offenen Alarme',
  test: 'Testalarm senden',
  sentBy: 'Gesendet über {{channel}}',
  channels: 'Alarme gehen an: {{channels}}.',
  onlyLogged:
    'Alarme werden nur protokolliert. Damit sie gesendet werden, setzen Sie ALERT_WEBHOOK_URL oder SMTP_URL.',
  severities: { critical: 'Kritisch', warning: 'Warnung', notice: 'Hinweis' },
  times_one: '{{count, number}}-mal, zuletzt',
  times_other: '{{count, number}}-mal, zuletzt',
  record: 'Audit-Eintrag {{id}}',
  delivered: 'Gesendet über {{channel}}',
  waits: '{{channel}} wartet (Versuch {{attempts}}) {{error}}',
  acknowledge: 'Bestätigen',
  acknowledgedBy: 'Bestätigt von {{name}}',
  note: 'Was gefunden wurde',
  noteText: 'Steht beim Alarm und im Audit-Protokoll.',
  rules: {
    title: 'Regeln',
    name: 'Regel',
    state: 'Zustand',
    on: 'An',
    off: 'Aus',
    severity: 'Schwere',
    when: 'Wann',
    says: 'Meldung',
    quiet: 'Minuten ohne weiteren Alarm derselben Ursache',
    fixed: 'Diese Regel schützt die Alarme selbst: Sie kann nicht abgeschaltet werden.',
    notJson: 'Das ist kein JSON.',
    reset: 'Zurück zum Standard',
  },
};
