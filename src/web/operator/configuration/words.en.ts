/** Texts of the installation's settings. */
export const configuration = {
  title: 'Settings',
  subtitle: 'Settings are variables of the environment. Each process reads them when it starts.',
  services: 'Services',
  service: 'Service',
  state: 'State',
  states: { ready: 'Ready', incomplete: 'Incomplete', not_set_up: 'Not set up' },
  without: 'Without it',
  set: 'To set',
  variables: 'Variables',
  variable: 'Variable',
  search: 'Search variables',
  value: 'Value',
  hidden: 'Set; not shown',
  from: 'Set in',
  sources: {
    environment: 'Environment',
    command_line: 'Command line',
    start: 'Kept by npm start',
    default: 'Default',
    unset: 'Not set',
  },
};
