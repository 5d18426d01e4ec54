"""What is printed for partners: documents set with typst from the catalogue and a partner's profile."""
