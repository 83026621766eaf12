"""All that imports Streamlit: pages, sidebar, parts, charts, components, words. No other room knows this one."""
