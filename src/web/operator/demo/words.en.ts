/** Texts of the demo: its traffic, and the tour. */
export const demo = {
  traffic: 'Demo traffic',
  trafficText: 'People of the six demo companies work: a few requests a second each, for five minutes.',
  until: 'On until {{until}}',
  tenant: 'Tenant',
  requests: 'Requests',
  failed: 'Failed',
  slowest: 'Slowest of 15 s',
  ms: '{{count, number}} ms',
  tour: {
    title: 'The first five minutes',
    close: 'Close the tour',
    traffic: { title: 'Turn on demo traffic', text: 'Requests of six companies begin to run.' },
    move: {
      title: 'Drag a tenant',
      text: 'On the map, drag “a” from shared-1 onto shared-2, and type its name.',
    },
    watch: {
      title: 'Watch the copy',
      text: 'Open the move: rows are copied, then changes replicate and the lag falls. Requests go on.',
    },
    cutOver: {
      title: 'Cut over',
      text: 'Requests wait for some milliseconds and go on at the other database.',
    },
    proof: {
      title: 'Read the certificate',
      text: 'It proves that no row was lost. Roll back, or complete the move.',
    },
  },
};
