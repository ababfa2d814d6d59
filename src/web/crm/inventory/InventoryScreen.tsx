import { useLocation, useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useScreenSearch } from '../../hooks/page/screen-search';
import { useSignedIn } from '../../hooks/session/session';
import { PageHeader } from '../../ui/PageHeader';
import { ScreenTabs } from '../../ui/ScreenTabs';
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
import { RecordList } from '../records/RecordList';
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
      <ScreenTabs
        value={current ?? 'warehouse'}
        tabs={['warehouse', ...keys].map((key) => ({ key, label: t(`inventory.tabs.${key}`) }))}
        onChoose={(tab) => void navigate({ to: '/inventory' as '/', search: { tab } })}
      >
        {current ? (
          <RecordList
            key={current}
            entity={LISTS[current]}
            height="calc(100dvh - 334px)"
            toolbar={(current === 'booths' || current === 'equipment') && <PrintLabels of={current} />}
          />
        ) : (
          <Warehouse />
        )}
      </ScreenTabs>
    </>
  );
}
