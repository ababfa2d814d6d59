import type { Page } from 'playwright-core';

/** A screen, or a dialog over it: what it is called, where it is, and how it is opened. */
export interface Screen {
  name: string;
  address: string;
  /** A query whose first row stands for `ID` in the address. */
  recordOf?: string;
  /** Opens the dialog. */
  show?: (page: Page) => Promise<void>;
}

const COMING = 'events?status=eq.confirmed&order=start_date.desc';
const PAST = 'events?status=eq.completed&order=start_date.desc';
const COMPANY = 'accounts?account_type=eq.company';
const SETTINGS = [
  'people',
  'pipeline',
  'bookings',
  'money',
  'reminders',
  'checklist',
  'design',
  'events',
  'crew',
  'numbering',
  'supportAccess',
  'security',
];

export const SCREENS: Screen[] = [
  { name: 'today', address: '/' },
  { name: 'tasks', address: '/tasks' },
  { name: 'events', address: '/events' },
  { name: 'calendar', address: '/events?as=month', show: drawn },
  { name: 'calendar-week', address: '/events?as=week', show: drawn },
  { name: 'calendar-day', address: '/events?as=day', show: drawn },
  { name: 'event', address: '/events/ID', recordOf: COMING },
  ...['dates', 'crew', 'booths', 'design', 'checklist', 'contract', 'files', 'history'].map((tab) => ({
    name: `event-${tab}`,
    address: `/events/ID?tab=${tab}`,
    recordOf: COMING,
  })),
  { name: 'event-messages', address: '/events/ID?tab=messages', recordOf: COMING },
  { name: 'event-money', address: '/events/ID?tab=money', recordOf: PAST },
  { name: 'brief-list', address: '/brief' },
  { name: 'brief', address: '/brief/ID', recordOf: COMING },
  { name: 'availability', address: '/availability' },
  { name: 'availability-week', address: '/availability?as=week' },
  { name: 'pipeline', address: '/pipeline' },
  { name: 'opportunity', address: '/opportunities/ID', recordOf: 'opportunities?stage=eq.proposal' },
  { name: 'leads', address: '/leads' },
  { name: 'lead', address: '/leads/ID', recordOf: 'leads?status=eq.new' },
  { name: 'quotes', address: '/quotes' },
  { name: 'quote', address: '/quotes/ID', recordOf: 'quotes?status=eq.sent' },
  { name: 'invoices', address: '/invoices' },
  { name: 'invoice', address: '/invoices/ID', recordOf: 'invoices?status=eq.partially_paid' },
  { name: 'accounts', address: '/accounts' },
  { name: 'account', address: '/accounts/ID', recordOf: COMPANY },
  ...['events', 'deals', 'money', 'messages', 'files', 'history'].map((tab) => ({
    name: `account-${tab}`,
    address: `/accounts/ID?tab=${tab}`,
    recordOf: COMPANY,
  })),
  { name: 'contacts', address: '/contacts' },
  { name: 'contact', address: '/contacts/ID', recordOf: 'contacts?order=last_name' },
  { name: 'inventory', address: '/inventory' },
  ...['boothTypes', 'equipmentTypes', 'packages', 'addOns', 'products', 'locations'].map((tab) => ({
    name: `inventory-${tab}`,
    address: `/inventory?tab=${tab}`,
  })),
  { name: 'booths', address: '/inventory/booths' },
  { name: 'booth', address: '/inventory/booths/ID', recordOf: 'booths?order=name' },
  { name: 'equipment', address: '/inventory/equipment' },
  {
    name: 'equipment-item',
    address: '/inventory/equipment/ID',
    recordOf: 'equipment_items?order=asset_tag',
  },
  { name: 'crew', address: '/crew' },
  { name: 'crew-mine', address: '/crew?tab=mine' },
  { name: 'crew-time-off', address: '/crew?tab=timeOff' },
  { name: 'crew-pay', address: '/crew?tab=pay&period=last-month' },
  { name: 'templates', address: '/templates' },
  { name: 'reports', address: '/reports' },
  { name: 'reports-conversion', address: '/reports?tab=conversion' },
  { name: 'reports-utilisation', address: '/reports?tab=utilisation&period=last-quarter' },
  { name: 'reports-profit', address: '/reports?tab=profit' },
  { name: 'reports-receivables', address: '/reports?tab=receivables&period=2026-01-01..2026-10-31' },
  { name: 'import', address: '/import' },
  { name: 'settings', address: '/settings' },
  ...SETTINGS.map((tab) => ({ name: `settings-${tab}`, address: `/settings?tab=${tab}` })),
  { name: 'settings-not-registered', address: '/settings?tab=integrations' },
  { name: 'settings-webhooks-none', address: '/settings?tab=webhooks' },
  { name: 'settings-calendars-none', address: '/settings?tab=calendars' },
];

export const DIALOGS: Screen[] = [
  {
    name: 'palette',
    address: '/',
    show: async (page) => {
      await page.keyboard.press('Control+k');
      await page.getByPlaceholder(/./).last().fill('wedding');
      await page
        .getByRole('dialog')
        .getByText(/wedding/i)
        .first()
        .waitFor();
    },
  },
  { name: 'event-new', address: '/events', show: press('New') },
  { name: 'event-edit', address: '/events/ID', recordOf: COMING, show: press('Edit') },
  { name: 'can-we-take-it', address: '/availability', show: press('Can we take it?') },
  { name: 'lead-convert', address: '/leads/ID', recordOf: 'leads?status=eq.new', show: press('Convert') },
  {
    name: 'opportunity-convert',
    address: '/opportunities/ID',
    recordOf: 'opportunities?stage=eq.proposal',
    show: press('Won: create event'),
  },
  { name: 'quote-send', address: '/quotes/ID', recordOf: 'quotes?status=eq.sent', show: press('Send…') },
  {
    name: 'payment-record',
    address: '/invoices/ID',
    recordOf: 'invoices?status=eq.partially_paid',
    show: press('Record payment'),
  },
  { name: 'contacts-duplicates', address: '/contacts', show: press('Duplicates') },
  { name: 'template-new', address: '/templates', show: press('New') },
  { name: 'time-off-enter', address: '/crew?tab=timeOff', show: press('Add time off') },
  {
    name: 'event-write-mail',
    address: '/events/ID?tab=messages',
    recordOf: COMING,
    show: press('Write email'),
  },
  { name: 'person-add', address: '/settings?tab=people', show: press('Add person') },
  { name: 'webhook-add', address: '/settings?tab=webhooks', show: press('Add an endpoint') },
  { name: 'calendar-add', address: '/settings?tab=calendars', show: press('New calendar') },
];

/** The calendar is loaded when it is first looked at. */
async function drawn(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^(Today|This )/ }).waitFor();
}

function press(name: string): (page: Page) => Promise<void> {
  return async (page) => {
    await page.getByRole('button', { name, exact: true }).first().click();
    // Forms are loaded when they are first asked for.
    await page
      .getByRole('dialog')
      .locator('form, input, [role="alert"], button:not([aria-label="Close"])')
      .first()
      .waitFor();
  };
}
