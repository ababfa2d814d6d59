import type { Translation } from '../../i18n/translation';
import type { secretKeys as english } from './words.en';

export const secretKeys: Translation<typeof english> = {
  title: 'Schlüssel',
  key: 'Schlüssel',
  state: 'Zustand',
  actions: 'Aktionen',
  processes: 'Prozesse',
  process: 'Prozess',
  encryptsWith: 'Verschlüsselt mit',
  secrets: {
    title: 'Geheimnisse',
    present: 'Geheimnisse werden verschlüsselt mit',
    others:
      'Einige Geheimnisse sind noch mit {{keys}} verschlüsselt. „Umschlüsseln“ verschlüsselt sie mit dem jetzigen Schlüssel.',
    none: 'Es gibt keine Geheimnisse.',
    in: 'In',
    count: 'Geheimnisse',
    rotate: 'Umschlüsseln',
    rotated_one: '{{count, number}} Geheimnis neu verschlüsselt; alle sind jetzt mit {{key}} verschlüsselt.',
    rotated_other:
      '{{count, number}} Geheimnisse neu verschlüsselt; alle sind jetzt mit {{key}} verschlüsselt.',
    retired: 'Außer Dienst: {{keys}}',
    retire: '{{key}} außer Dienst stellen',
    retiring:
      'Es startet kein Prozess mehr, der mit diesem Schlüssel verschlüsseln würde; er darf dann vernichtet werden.',
    refused:
      'Es wird abgelehnt, solange ein Geheimnis mit dem Schlüssel verschlüsselt ist oder ein Prozess damit verschlüsselt.',
  },
  tokens: {
    title: 'Schlüssel für Token',
    none: 'Es gibt noch keine Schlüssel: Der erste entsteht, wenn ein Token signiert wird.',
    lead: 'So lange vorher veröffentlichen, Sekunden',
    rotate: 'Nächsten Schlüssel anlegen',
    signs: 'Signiert',
    next: 'Signiert als Nächster',
    verifies: 'Prüft nur',
    revoked: 'Widerrufen',
    from: 'Signiert ab',
    until: 'Prüft bis',
    revoke: 'Widerrufen',
    revoking: 'Alle Token dieses Schlüssels werden abgelehnt, in jedem Prozess binnen zehn Sekunden.',
    sessionsEnd: 'Deren Sitzungen enden: Die Benutzer müssen sich neu anmelden.',
  },
  signing: {
    title: 'Signaturschlüssel',
    text: 'Sie signieren Bescheinigungen von Umzügen und Prüfpunkte des Protokolls. Ein früherer Schlüssel bleibt: Was er signiert hat, bleibt gültig.',
    signs: 'Für',
    certificates: 'Bescheinigungen',
    checkpoints: 'Prüfpunkte',
    made: 'Angelegt',
    none: 'Es gibt noch keine Schlüssel: Der erste entsteht, wenn etwas signiert wird.',
    rotate: {
      certificates: 'Nächsten Schlüssel für Bescheinigungen anlegen',
      checkpoints: 'Nächsten Schlüssel für Prüfpunkte anlegen',
    },
  },
  seals: {
    title: 'Siegelschlüssel',
    text: 'Das Router-Login jeder Datenquelle siegelt die Claims der Mandanten. Sein Schlüssel wird zusammen mit dem Login ersetzt, während Marquee läuft.',
    all_one: 'Schlüssel von {{count, number}} Datenquelle ersetzen',
    all_other: 'Schlüssel aller {{count, number}} Datenquellen ersetzen',
    rotated: '{{dataSource}}: {{tenants}} Mandanten umgestellt.',
    again_one: 'Für {{count, number}} Datenquelle erneut versuchen',
    again_other: 'Für {{count, number}} Datenquellen erneut versuchen',
    failed: '{{dataSource}}: nicht ersetzt. {{message}}',
  },
};
