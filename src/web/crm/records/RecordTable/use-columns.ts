import { useLocalStorage } from '@mantine/hooks';
import { useMemo } from 'react';
import type { Entity } from '../entity';

/** Visible columns of a list: the default, or the user's choice, stored on this device. */
export function useColumns(entity: Entity) {
  const [chosen, setChosen] = useLocalStorage<Record<string, boolean>>({
    key: `marquee.columns.${entity.table}`,
    defaultValue: {},
    getInitialValueInEffect: false,
  });
  const visibility = useMemo(() => {
    const own = Object.fromEntries(
      entity.fields.map((field) => [field.name, (field.list ?? 'shown') === 'shown']),
    );
    return { ...own, ...chosen };
  }, [entity, chosen]);
  const setVisibility = (
    next: Record<string, boolean> | ((before: Record<string, boolean>) => Record<string, boolean>),
  ) => setChosen(typeof next === 'function' ? next(visibility) : next);
  return { visibility, setVisibility };
}
