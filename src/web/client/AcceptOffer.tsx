import { useTranslation } from 'react-i18next';
import type { Offer } from '@/server/client/offer-schema';
import { useAccept } from './offer';
import { SignForm } from './SignForm';

/** Acceptance form: name, consent and signature. The client accepts exactly what the page shows. */
export function AcceptOffer({ offer, token }: { offer: Offer; token: string }) {
  const { t } = useTranslation();
  const accept = useAccept(token);
  return (
    <SignForm
      title={t('client.acceptTitle')}
      action={t('client.accept')}
      consentText={offer.consentText}
      isPending={accept.isPending}
      error={accept.error}
      onSign={(signed) =>
        accept.mutate(
          { ...signed, contentSha256: offer.contentSha256 },
          // The next step is shown at the top of the page.
          { onSuccess: () => window.scrollTo({ top: 0, behavior: 'smooth' }) },
        )
      }
    />
  );
}
