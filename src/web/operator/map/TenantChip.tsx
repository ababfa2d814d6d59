import { Menu } from '@mantine/core';
import { ArrowRightLeft } from 'lucide-react';
import { use, useRef, useState } from 'react';
import type { OperatorTenant } from '@/server/operator/tenants/tenants';
import { useWords } from '../../i18n/use-words';
import classes from './Map.module.css';
import { MapActions, TENANT } from './map-actions';

/** A tenant on the map: dragged onto another data source, or moved by its menu. */
export function TenantChip({ tenant: { subdomain, name } }: { tenant: OperatorTenant }) {
  const { drop, mayMove } = use(MapActions);
  const button = useRef<HTMLButtonElement>(null);
  const [isOpen, setOpen] = useState(false);
  if (!mayMove) {
    return (
      <span className={classes.chip} title={name}>
        {subdomain}
      </span>
    );
  }
  return (
    <span className={classes.chipPlace}>
      <button
        ref={button}
        type="button"
        className={`${classes.chip} mantine-focus-auto nodrag nopan`}
        title={name}
        draggable
        data-tenant={subdomain}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        onClick={() => setOpen(true)}
        onDragStart={(event) => {
          event.dataTransfer.setData(TENANT, subdomain);
          event.dataTransfer.effectAllowed = 'move';
        }}
      >
        {subdomain}
      </button>
      {isOpen && (
        <ChipMenu
          subdomain={subdomain}
          name={name}
          onMove={() => drop(subdomain)}
          onClose={() => {
            setOpen(false);
            button.current?.focus();
          }}
        />
      )}
    </span>
  );
}

interface MenuProperties {
  subdomain: string;
  name: string;
  onMove: () => void;
  onClose: () => void;
}

/** Only while it is open: a source has hundreds of chips. */
function ChipMenu({ subdomain, name, onMove, onClose }: MenuProperties) {
  const { t } = useWords();
  return (
    <Menu opened withinPortal position="bottom-start" shadow="md" onClose={onClose}>
      <Menu.Target>
        <button type="button" tabIndex={-1} aria-label={subdomain} className={classes.chipAnchor} />
      </Menu.Target>
      <Menu.Dropdown aria-label={name}>
        <Menu.Label>{name}</Menu.Label>
        <Menu.Item
          leftSection={<ArrowRightLeft size={14} />}
          aria-label={t('map.moveOf', { tenant: subdomain })}
          onClick={onMove}
        >
          {t('map.move')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
