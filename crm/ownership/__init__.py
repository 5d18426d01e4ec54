"""What customers have at home: delivered units and those they registered, with serial number and warranty."""
