import type { Translation } from '../../i18n/translation';
import type { demo as english } from './words.en';

/** Deutsche Texte der Demo. */
export const demo: Translation<typeof english> = {
  traffic: 'Demo-Verkehr',
  trafficText: 'Leute der sechs Demo-Firmen arbeiten: je einige Anfragen in der Sekunde, fünf Minuten lang.',
  until: 'An bis {{until}}',
  tenant: 'Mandant',
  requests: 'Anfragen',
  failed: 'Fehlgeschlagen',
  slowest: 'Langsamste in 15 s',
  ms: '{{count, number}} ms',
  tour: {
    title: 'Die ersten fünf Minuten',
    close: 'Rundgang schließen',
    traffic: { title: 'Demo-Verkehr einschalten', text: 'Anfragen von sechs Firmen beginnen.' },
    move: {
      title: 'Einen Mandanten ziehen',
      text: 'Auf der Karte „a“ von shared-1 auf shared-2 ziehen und den Namen tippen.',
    },
    watch: {
      title: 'Beim Kopieren zusehen',
      text: 'Den Umzug öffnen: Zeilen werden kopiert, dann repliziert; der Rückstand fällt. Anfragen gehen weiter.',
    },
    cutOver: {
      title: 'Umschalten',
      text: 'Anfragen warten einige Millisekunden und gehen in der anderen Datenbank weiter.',
    },
    proof: {
      title: 'Die Bescheinigung lesen',
      text: 'Es beweist, dass keine Zeile verloren ging. Den Umzug zurücknehmen oder abschließen.',
    },
  },
};
