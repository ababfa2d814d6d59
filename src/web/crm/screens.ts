import type { ComponentType } from 'react';

/** A screen behind sign-in, loaded on first navigation. */
interface Screen {
  path: string;
  load: () => Promise<Record<string, ComponentType>>;
  name: string;
}

export const screens: readonly Screen[] = [
  { path: '/', load: () => import('./today/TodayScreen'), name: 'TodayScreen' },
  { path: '/tasks', load: () => import('./tasks/TasksScreen'), name: 'TasksScreen' },
  { path: '/events', load: () => import('./events/EventsScreen'), name: 'EventsScreen' },
  { path: '/events/$id', load: () => import('./events/EventScreen'), name: 'EventScreen' },
  { path: '/pipeline', load: () => import('./pipeline/PipelineScreen'), name: 'PipelineScreen' },
  { path: '/leads', load: () => import('./leads/LeadsScreen'), name: 'LeadsScreen' },
  { path: '/leads/$id', load: () => import('./leads/LeadScreen'), name: 'LeadScreen' },
  { path: '/accounts', load: () => import('./accounts/AccountsScreen'), name: 'AccountsScreen' },
  { path: '/accounts/$id', load: () => import('./accounts/AccountScreen'), name: 'AccountScreen' },
  { path: '/contacts', load: () => import('./contacts/ContactsScreen'), name: 'ContactsScreen' },
  { path: '/contacts/$id', load: () => import('./contacts/ContactScreen'), name: 'ContactScreen' },
  {
    path: '/opportunities/$id',
    load: () => import('./opportunities/OpportunityScreen'),
    name: 'OpportunityScreen',
  },
  { path: '/quotes/$id', load: () => import('./quotes/QuoteScreen'), name: 'QuoteScreen' },
  { path: '/invoices/$id', load: () => import('./invoices/InvoiceScreen'), name: 'InvoiceScreen' },
  { path: '/quotes', load: () => import('./quotes/QuotesScreen'), name: 'QuotesScreen' },
  { path: '/invoices', load: () => import('./invoices/InvoicesScreen'), name: 'InvoicesScreen' },
  {
    path: '/availability',
    load: () => import('./availability/AvailabilityScreen'),
    name: 'AvailabilityScreen',
  },
  { path: '/inventory', load: () => import('./inventory/InventoryScreen'), name: 'InventoryScreen' },
  { path: '/inventory/booths', load: () => import('./inventory/InventoryScreen'), name: 'InventoryScreen' },
  {
    path: '/inventory/equipment',
    load: () => import('./inventory/InventoryScreen'),
    name: 'InventoryScreen',
  },
  { path: '/inventory/booths/$id', load: () => import('./inventory/BoothScreen'), name: 'BoothScreen' },
  {
    path: '/inventory/equipment/$id',
    load: () => import('./inventory/EquipmentScreen'),
    name: 'EquipmentScreen',
  },
  { path: '/crew', load: () => import('./crew/CrewScreen'), name: 'CrewScreen' },
  { path: '/reports', load: () => import('./reports/ReportsScreen'), name: 'ReportsScreen' },
  { path: '/import', load: () => import('./import/ImportScreen'), name: 'ImportScreen' },
  { path: '/trash', load: () => import('./trash/TrashScreen'), name: 'TrashScreen' },
  { path: '/settings', load: () => import('./settings/SettingsScreen'), name: 'SettingsScreen' },
  { path: '/templates', load: () => import('./templates/TemplatesScreen'), name: 'TemplatesScreen' },
];
