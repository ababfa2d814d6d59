import { Menu, UnstyledButton } from '@mantine/core';
import { ArrowRightLeft } from 'lucide-react';
import { use } from 'react';
import type { OperatorTenant } from '@/server/operator/tenants/tenants';
import { useWords } from '../../i18n/use-words';
import classes from './Map.module.css';
import { MapActions, TENANT } from './map-actions';

/** A tenant on the map: dragged onto another data source, or moved by its menu. */
export function TenantChip({ tenant: { subdomain, name } }: { tenant: OperatorTenant }) {
  const { t } = useWords();
  const { drop, mayMove } = use(MapActions);
  if (!mayMove) {
    return (
      <span className={classes.chip} title={name}>
        {subdomain}
      </span>
    );
  }
  return (
    <Menu withinPortal position="bottom-start" shadow="md">
      <Menu.Target>
        <UnstyledButton
          className={`${classes.chip} nodrag nopan`}
          title={name}
          draggable
          data-tenant={subdomain}
          onDragStart={(event) => {
            event.dataTransfer.setData(TENANT, subdomain);
            event.dataTransfer.effectAllowed = 'move';
          }}
        >
          {subdomain}
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{name}</Menu.Label>
        <Menu.Item
          leftSection={<ArrowRightLeft size={14} />}
          aria-label={t('map.moveOf', { tenant: subdomain })}
          onClick={() => drop(subdomain)}
        >
          {t('map.move')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
