// The first import of an entry, so that styles of our own follow Mantine's: of two rules of one class the later wins.
import '@fontsource-variable/inter/wght.css';
import '@mantine/core/styles.css';
import './global.css';
