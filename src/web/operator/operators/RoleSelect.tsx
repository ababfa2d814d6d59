import { Select } from '@mantine/core';
import { useTranslation } from 'react-i18next';

const ROLES = ['owner', 'engineer', 'support', 'auditor'] as const;
export type Role = (typeof ROLES)[number];

export function RoleSelect({ value, onChange }: { value: Role; onChange: (role: Role) => void }) {
  const { t } = useTranslation();
  return (
    <Select
      label={t('operators.role')}
      allowDeselect={false}
      data={ROLES.map((role) => ({ value: role, label: t(`console.roles.${role}`) }))}
      value={value}
      onChange={(role) => onChange(role as Role)}
    />
  );
}
