import { Tabs } from '@mantine/core';
import { useLocation, useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useScreenSearch } from '../../hooks/screen-search';
import { useSignedIn } from '../../hooks/session';
import { PageHeader } from '../../ui/PageHeader';
import { RecordList } from '../../ui/RecordList';
import tabs from '../../ui/RecordPage.module.css';
import {
  addOns,
  booths,
  boothTypes,
  equipmentItems,
  equipmentTypes,
  locations,
  packages,
  products,
} from '../entities/inventory';
import { PrintLabels } from './PrintLabels';
import { Warehouse } from './Warehouse';

const LISTS = {
  booths,
  equipment: equipmentItems,
  boothTypes,
  equipmentTypes,
  packages,
  addOns,
  products,
  locations,
};
/** Tabs with prices, hidden from the crew. */
const PRICED = ['packages', 'addOns', 'products'];

/** Booths, equipment, items that are out, and the catalogue. */
export function InventoryScreen() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { user } = useSignedIn();
  const search = useScreenSearch();
  const keys = Object.keys(LISTS).filter((key) => user.role !== 'staff' || !PRICED.includes(key));
  // Booths and equipment have list URLs of their own, to which their pages link back.
  const asked = /\/inventory\/(booths|equipment)$/.exec(useLocation().pathname)?.[1] ?? search.tab ?? '';
  const current = keys.includes(asked) ? (asked as keyof typeof LISTS) : undefined;
  return (
    <>
      <PageHeader title={t('nav.inventory')} />
      <Tabs
        value={current ?? 'warehouse'}
        onChange={(tab) => void navigate({ to: '/inventory' as '/', search: { tab: tab ?? '' } })}
        keepMounted={false}
        classNames={{ list: tabs.tabs }}
      >
        <Tabs.List mb="md">
          {['warehouse', ...keys].map((key) => (
            <Tabs.Tab key={key} value={key}>
              {t(`inventory.tabs.${key}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value={current ?? 'warehouse'}>
          {current ? (
            <RecordList
              key={current}
              entity={LISTS[current]}
              height="calc(100dvh - 330px)"
              toolbar={(current === 'booths' || current === 'equipment') && <PrintLabels of={current} />}
            />
          ) : (
            <Warehouse />
          )}
        </Tabs.Panel>
      </Tabs>
    </>
  );
}
