import type { bookings as en } from '../en/bookings';
import type { Translation } from '../translation';

export const bookings: Translation<typeof en> = {
  dayState: {
    free: 'Frei',
    held: 'Vorgemerkt',
    on_hold: 'Für andere vorgemerkt',
    taken: 'Belegt',
    reserved: 'Reserviert',
    booths_one: '{{free}} von {{count, number}} Fotobox frei',
    booths_other: '{{free}} von {{count, number}} Fotoboxen frei',
  },
  holds: {
    title: 'Verfügbarkeit & Vormerkungen',
    hold: 'Vormerken',
    dialog: 'Fotoboxen für diese Chance vormerken',
    noDate: 'Tragen Sie einen Termin ein, um zu sehen, ob er frei ist.',
    what: 'Was vorgemerkt wird',
    of: {
      quote: 'Was das Angebot braucht',
      type: 'Irgendeine Fotobox eines Typs',
      booth: 'Eine bestimmte Fotobox',
    },
    untilDay: 'Vormerken bis',
    untilText:
      'Danach können andere sie buchen. Wird das Angebot angenommen, wird aus der Vormerkung die Reservierung.',
    done: 'Vorgemerkt bis {{date}}.',
    until: 'Vorgemerkt bis {{moment}}',
    untilBy: 'Vorgemerkt bis {{moment}}, von {{name}}',
    extend: 'Verlängern',
    extendBooth: 'Vormerkung von {{name}} verlängern',
    release: 'Freigeben',
    releaseBooth: '{{name}} freigeben',
    released: '{{name}} ist freigegeben.',
    expiring: 'Bald ablaufende Vormerkungen',
  },
  outOfService: {
    title: 'Gebucht, aber nicht verfügbar',
    whatToDo: 'Buchen Sie etwas anderes, oder machen Sie dieses verfügbar.',
  },
  checkOutEarly: {
    title: '{{name}} schon ausgeben?',
    text: '{{event}} ist am {{date}}, {{when}}.',
    action: 'Trotzdem ausgeben',
    undo: 'Ausgabe rückgängig',
    undone: '{{name}} ist nicht mehr ausgegeben.',
  },
  calendar: {
    add: 'Neue Veranstaltung',
    booth: 'Alle Fotoboxen',
    person: 'Alle Personen',
    legend: 'Was Farben und Muster bedeuten',
    look: { firm: 'Bestätigt', tentative: 'Vorläufig', hold: 'Vorgemerkt' },
    allDay: 'Ganztägig',
  },
  board: {
    owner: 'Alle Zuständigen',
    month: 'Alle Monate',
    source: 'Alle Quellen',
    all: 'Alle zeigen',
    sort: 'Sortieren nach',
    order: {
      changed: 'Zuletzt geändert',
      date: 'Termin',
      value: 'Höchster Wert',
      name: 'Name',
    },
  },
};
