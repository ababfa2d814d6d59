import { Alert, Anchor, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Building2 } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { CompanyDetails } from '@/server/api/company/settings';
import { useMay } from '../../hooks/session/roles';
import { ask } from '../../hooks/session/session';

/** Which details of the company its clients would miss, according to the server. */
export function useMissingDetails(): CompanyDetails['missing'] {
  const { data } = useQuery({
    // Below `records`, which a saved setting invalidates.
    queryKey: ['records', 'company-details'],
    queryFn: () => ask<CompanyDetails>('/api/settings/company-details'),
    staleTime: 60_000,
  });
  return data?.missing ?? [];
}

/** Warns before something is sent to a client that the company's details are not filled in. */
export function MissingDetails({ isInSettings = false }: { isInSettings?: boolean }) {
  const { t, i18n } = useTranslation();
  const may = useMay();
  const missing = useMissingDetails();
  if (missing.length === 0) return null;
  const names = missing.map((detail) => t(`settings.company.detail.${detail}`));
  const list = new Intl.ListFormat(i18n.language, { type: 'conjunction' }).format(names);
  return (
    <Alert color="orange" icon={<Building2 size={18} aria-hidden />} title={t('settings.company.missing')}>
      <Text size="sm">{t('settings.company.missingText', { list })}</Text>
      {!isInSettings && may('settings') && (
        <Anchor component={Link} to={'/settings' as '/'} size="sm" underline="always">
          {t('settings.company.fillIn')}
        </Anchor>
      )}
    </Alert>
  );
}
