import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { ExternalLink } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useSettings } from '../../hooks/company/settings';
import { useMay } from '../../hooks/session/roles';
import { useSignedIn } from '../../hooks/session/session';
import { leads } from '../entities/clients';
import { RecordList } from '../records/RecordList';

export function LeadsScreen() {
  return <RecordList entity={leads} title="" actions={<InquiryFormLink />} />;
}

/** Link to the public inquiry form; while it is off, to its settings, for users who may change them. */
function InquiryFormLink() {
  const { t } = useTranslation();
  const may = useMay();
  const { tenant } = useSignedIn();
  const { settings, isPending } = useSettings();
  if (isPending || !tenant) return null;
  if (settings.inquiry_form.enabled)
    return (
      <Button
        variant="default"
        component="a"
        href={`/book/${tenant.subdomain}`}
        target="_blank"
        rel="noopener"
        leftSection={<ExternalLink size={15} />}
      >
        {t('settings.inquiries.title')}
      </Button>
    );
  if (!may('settings')) return null;
  return (
    <Button
      variant="default"
      renderRoot={(props) => (
        <Link to={'/settings' as '/'} search={{ tab: 'inquiries' } as never} {...props} />
      )}
    >
      {t('inquiries.switchOn')}
    </Button>
  );
}
