"""One script a claim, its baseline beside it (design.md, Speed). `./dev bench` runs them; README.md lists them."""
