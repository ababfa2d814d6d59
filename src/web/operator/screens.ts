import type { ComponentType } from 'react';

/** A screen of the console, loaded on first navigation. Its path is below `/operator`. */
interface Screen {
  path: string;
  load: () => Promise<Record<string, ComponentType>>;
  name: string;
}

export const screens: readonly Screen[] = [
  { path: '/map', load: () => import('./map/MapScreen'), name: 'MapScreen' },
  { path: '/cost', load: () => import('./cost/CostScreen'), name: 'CostScreen' },
  { path: '/moves', load: () => import('./moves/MovesScreen'), name: 'MovesScreen' },
  { path: '/moves/$id', load: () => import('./moves/MoveScreen'), name: 'MoveScreen' },
  { path: '/rollouts/$id', load: () => import('./moves/RolloutScreen'), name: 'RolloutScreen' },
  { path: '/health', load: () => import('./health/HealthScreen'), name: 'HealthScreen' },
  { path: '/health/$source', load: () => import('./health/SourceHealthScreen'), name: 'SourceHealthScreen' },
  { path: '/alerts', load: () => import('./alerts/AlertsScreen'), name: 'AlertsScreen' },
  { path: '/schema-rollouts', load: () => import('./schema/SchemaScreen'), name: 'SchemaScreen' },
  { path: '/backups', load: () => import('./backups/BackupsScreen'), name: 'BackupsScreen' },
  {
    ...{ path: '/backups/$id', name: 'TenantBackupsScreen' },
    load: () => import('./backups/TenantBackupsScreen'),
  },
  { path: '/requests', load: () => import('./requests/RequestsScreen'), name: 'RequestsScreen' },
  { path: '/jobs', load: () => import('./jobs/JobsScreen'), name: 'JobsScreen' },
  { path: '/audit', load: () => import('./audit/AuditScreen'), name: 'AuditScreen' },
  { path: '/keys', load: () => import('./keys/KeysScreen'), name: 'KeysScreen' },
  { path: '/operators', load: () => import('./operators/OperatorsScreen'), name: 'OperatorsScreen' },
  { path: '/support', load: () => import('./support/SupportScreen'), name: 'SupportScreen' },
  {
    ...{ path: '/settings', name: 'ConfigurationScreen' },
    load: () => import('./configuration/ConfigurationScreen'),
  },
  { path: '/attention', load: () => import('./attention/AttentionScreen'), name: 'AttentionScreen' },
  { path: '/erasures', load: () => import('./offboarding/ErasuresScreen'), name: 'ErasuresScreen' },
  { path: '/tenants', load: () => import('./tenants/TenantsScreen'), name: 'TenantsScreen' },
  { path: '/tenants/$id', load: () => import('./tenants/TenantScreen'), name: 'TenantScreen' },
  { path: '/data-sources', load: () => import('./sources/SourcesScreen'), name: 'SourcesScreen' },
  { path: '/data-sources/$id', load: () => import('./sources/SourceScreen'), name: 'SourceScreen' },
];

/** The first screen. */
export const FIRST = '/attention';
