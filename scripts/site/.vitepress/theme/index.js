import theme from 'vitepress/theme';
// oxlint-disable-next-line import/no-unassigned-import -- the bundler takes a style by its import.
import './style.css';

export default theme;
