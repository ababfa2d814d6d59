import type { Translation } from '../../i18n/translation';
import type { supportRequests as english } from './words.en';

export const supportRequests: Translation<typeof english> = {
  title: 'Support-Zugang',
  subtitle:
    'Die Firma sieht, wer warum fragt, erlaubt es und kann es jederzeit beenden. Es endet von selbst.',
  none: 'Noch keine Anfragen',
  ask: 'Zugang erbitten',
  askText: 'Die Firma liest Ihren Namen und Ihren Grund.',
  subdomain: 'Firma (Subdomain)',
  hours: 'Stunden',
  role: 'Rolle',
  roles: { viewer: 'Nur lesen', staff: 'Mitarbeit', sales: 'Verkauf', manager: 'Leitung' },
  reason: 'Grund',
  reasonText: '10 bis 500 Zeichen, wie die Firma ihn liest.',
  tenant: 'Mandant',
  state: 'Zustand',
  states: { waiting: 'Wartet auf die Firma', open: 'Offen', refused: 'Abgelehnt', over: 'Vorbei' },
  who: 'Wer',
  asked: 'Gefragt',
  until: 'Bis',
  forHours_one: 'für {{count, number}} Stunde',
  forHours_other: 'für {{count, number}} Stunden',
  actions: 'Aktionen',
  open: 'Öffnen',
  end: 'Beenden',
};
